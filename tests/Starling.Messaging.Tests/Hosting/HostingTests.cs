using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Starling.Messaging.Tests.Hosting;

public sealed class HostingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messaging_runs_beside_the_web_server()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMessaging().MapService<ICalculator, Calculator>().MapMethod("one", () => 1);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, endpoint => endpoint.UseMessaging());
        });
        await using var app = builder.Build();
        app.MapGet("/", async (HttpContext context) => await context.Response.WriteAsync("web"));
        await app.StartAsync(Stop);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        using var http = new HttpClient();
        Assert.Equal("web", await http.GetStringAsync(new Uri(addresses[0]), Stop));

        await using var client = await RpcClient.ConnectAsync($"tcp://127.0.0.1:{new Uri(addresses[1]).Port}", cancellationToken: Stop);
        Assert.Equal(3, await client.GetService<ICalculator>().AddAsync(1, 2));
        Assert.Equal(1, await client.InvokeAsync<int>("one", [], null, Stop));
        var calls = Enumerable.Range(0, 1000).Select(i => client.InvokeAsync<int>("add", [i, 1], null, Stop));
        Assert.Equal(Enumerable.Range(1, 1000), await Task.WhenAll(calls));
        var connection = client.Connection!;
        await app.StopAsync(Stop).WaitAsync(TimeSpan.FromSeconds(10), Stop);
        await connection.Completion.WaitAsync(TimeSpan.FromSeconds(10), Stop);
    }

    [Fact]
    public async Task A_service_of_a_peer_is_a_service_of_the_container_and_is_measured()
    {
        var address = "inproc:" + Guid.NewGuid().ToString("N");
        var server = WebApplication.CreateSlimBuilder();
        server.Logging.ClearProviders();
        server.WebHost.UseUrls("http://127.0.0.1:0");
        server.Services.AddMessaging(options => options.ShareObjectsInProcess = false).MapService<ICalculator, Calculator>().Listen(address);
        var client = WebApplication.CreateSlimBuilder();
        client.Logging.ClearProviders();
        client.WebHost.UseUrls("http://127.0.0.1:0");
        client.Services.AddMessaging().AddClient<ICalculator>(address);
        await using var clientApp = client.Build();

        // Asked for before the server is there: the first call waits.
        var call = clientApp.Services.GetRequiredService<ICalculator>().AddAsync(2, 2);
        await using var serverApp = server.Build();
        await serverApp.StartAsync(Stop);
        Assert.Equal(4, await call.WaitAsync(TimeSpan.FromSeconds(10), Stop));

        var seen = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Scope == serverApp.Services.GetRequiredService<IMeterFactory>())
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => seen[instrument.Name] = seen.GetValueOrDefault(instrument.Name) + value);
        listener.Start();
        await clientApp.Services.GetRequiredService<ICalculator>().AddAsync(2, 2);
        listener.RecordObservableInstruments();
        Assert.Equal(1, seen["starling.messaging.connections"]);
        Assert.Equal(1, seen["starling.messaging.requests"]);
        Assert.Contains("starling.messaging.queue.length", seen.Keys);
        await serverApp.StopAsync(Stop);
    }
}
