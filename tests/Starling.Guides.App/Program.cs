using Starling.Server.Sockets;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSocketIO();
builder.Services.AddChannels();
builder.Services.AddDocuments();

var app = builder.Build();
var io = app.MapSocketIO();
io.OnRequest<int, int, int>("add", (_, a, b) => Task.FromResult(a + b));
app.MapChannels();
app.MapShareDb();
app.Run();
