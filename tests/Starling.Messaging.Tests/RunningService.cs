using System.Globalization;
using System.Net.Quic;

namespace Starling.Messaging.Tests;

/// <summary>A calculator served at an address, and a client of it.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;

    private RunningService(DirectoryInfo folder, RpcServer server, Calculator calculator, RpcClient client, string address)
    {
        _folder = folder;
        Server = server;
        Calculator = calculator;
        Client = client;
        Address = address;
    }

    /// <summary>All links that this machine has: QUIC only where there is its library.</summary>
    public static TheoryData<string> Links => HasQuic ? ["inproc", "inproc-bytes", "unix", "pipe", "tcp", "tls", "quic"] : ["inproc", "inproc-bytes", "unix", "pipe", "tcp", "tls"];

    private static bool HasQuic => OperatingSystem.IsLinux() && QuicListener.IsSupported;

    public RpcServer Server { get; }

    public Calculator Calculator { get; }

    public RpcClient Client { get; }

    public string Address { get; }

    public ICalculator Proxy => Client.GetService<ICalculator>();

    public static async Task<RunningService> StartAsync(
        string link, Action<MessagingOptions>? configure = null, RpcServices? clientServices = null, Action<RpcServices>? more = null)
    {
        var folder = Directory.CreateTempSubdirectory("starling-messaging");
        var options = new MessagingOptions { ShareObjectsInProcess = link != "inproc-bytes" };
        TestCertificates.Apply(options);
        configure?.Invoke(options);
        var calculator = new Calculator();
        var services = new RpcServices().Add<ICalculator>(calculator);
        more?.Invoke(services);
        var server = new RpcServer(services, options);
        var address = (await server.ListenAsync(AddressOf(link, folder.FullName), TestContext.Current.CancellationToken)).ToString();
        var client = await RpcClient.ConnectAsync(address, clientServices, options, TestContext.Current.CancellationToken);
        return new RunningService(folder, server, calculator, client, address);
    }

    public static string AddressOf(string link, string folder)
    {
        var unique = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);
        return link switch
        {
            "inproc" or "inproc-bytes" => "inproc:" + unique,
            "unix" => "unix://" + Path.Combine(folder, "s"),
            "pipe" => "pipe:starling-" + unique[..12],
            "tls" or "quic" => link + "://localhost:0",
            _ => "tcp://127.0.0.1:0",
        };
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
