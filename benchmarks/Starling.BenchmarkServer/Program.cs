using System.Globalization;
using Starling.Server.Sockets;

// The benchmark server of ../README.md on Starling with default settings, but for the limits that keep clients from sending as fast as they can.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.UseLeanWebSockets();
builder.Services.AddSocketIO(options => options.SocketRateLimit = new RateLimit(1e9, int.MaxValue));
builder.Services.AddChannels(options => options.AllowAnonymousPublishers = true);
var documents = builder.Services.AddDocuments();
if (Environment.GetEnvironmentVariable("DOCUMENTS") is { Length: > 0 } folder)
{
    // Every run begins with an empty store.
    var file = Path.Combine(Directory.CreateDirectory(folder).FullName, "documents.db");
    Array.ForEach([file, file + "-wal", file + "-shm"], File.Delete);
    documents.UseSqlite(file);
}

var app = builder.Build();
var io = app.MapSocketIO("/socket.io");
app.MapChannels();
app.MapShareDb("/sharedb", options => options.MaxOperationsPerSecond = int.MaxValue);

io.On("echo", (Socket socket, SocketEvent e) => e.AckAsync(e.Arguments));
io.On("publish", async (Socket socket, SocketEvent e) =>
{
    await io.EmitAsync("news", e.Arguments);
    await e.AckAsync();
});
io.On("join", async (Socket socket, SocketEvent e) =>
{
    socket.Join(e.Arguments.Get<string>(0)!);
    await e.AckAsync();
});

var port = Environment.GetEnvironmentVariable("PORT") ?? "0";
app.Urls.Add($"http://127.0.0.1:{port}");
await app.StartAsync();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"listening {new Uri(app.Urls.Single()).Port} {Environment.ProcessId}"));

// Whoever started this server may be killed without a chance to end it; the closed pipe then ends it.
if (Environment.GetEnvironmentVariable("EXIT_WITH_STDIN") == "1")
{
    var watch = new Thread(() =>
    {
        while (Console.Read() >= 0)
        {
        }

        app.Lifetime.StopApplication();
    });
    watch.IsBackground = true;
    watch.Start();
}

await app.WaitForShutdownAsync();
