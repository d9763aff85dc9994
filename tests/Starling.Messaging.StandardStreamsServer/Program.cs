using Starling.Messaging;
using Starling.Messaging.Tests;

// A service on the standard streams of its process, as a language server is one. Ends when its parent closes the streams.
var services = new RpcServices().Add<ICalculator>(new Calculator())
    .Add("ask", async (RpcConnection caller, int n) => await caller.InvokeAsync<int>("double", [n]) + 1);
await using var server = await RpcServer.StartAsync("stdio:", services);
await server.Connections.Single().Completion;
