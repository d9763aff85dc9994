using Starling.Conformance.Server;
using Starling.Conformance.Server.Documents;

// The servers that the published suites and our own conformance tests run against:
//   Starling.Conformance.Server engine-protocol|socket-protocol|engine-client|socket-client|documents|documents-memory|documents-sqlite [--urls URL]
var servers = new Dictionary<string, Func<WebApplicationBuilder, Action<WebApplication>>>(StringComparer.Ordinal)
{
    ["engine-protocol"] = EngineProtocolServer.Configure,
    ["socket-protocol"] = SocketProtocolServer.Configure,
    ["engine-client"] = EngineClientServer.Configure,
    ["socket-client"] = SocketClientServer.Configure,
    ["documents"] = DocumentsServer.Configure,
    ["documents-memory"] = DocumentsServer.ConfigureMemory,
    ["documents-sqlite"] = DocumentsServer.ConfigureSqlite,
};
if (args.Length == 0 || !servers.TryGetValue(args[0], out var configure))
{
    Console.Error.WriteLine($"usage: Starling.Conformance.Server {string.Join('|', servers.Keys)} [--urls URL]");
    return 2;
}

var builder = WebApplication.CreateBuilder(args[1..]);
builder.WebHost.UseLeanWebSockets();
var map = configure(builder);
var app = builder.Build();
map(app);
await app.StartAsync();
Console.WriteLine("listening " + string.Join(' ', app.Urls));
await app.WaitForShutdownAsync();
return 0;
