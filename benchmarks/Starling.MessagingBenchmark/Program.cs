using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Starling.Messaging;
using Starling.MessagingBenchmark;

var options = new MessagingOptions();
if (args is ["serve", var where])
{
    return await ServeAsync(where);
}

if (args.Contains("--help"))
{
    Console.WriteLine("Starling.MessagingBenchmark [--seconds N] [--peers FOLDER] [--what NAME] [link ...]\nLinks: inproc unix pipe tcp tls; peers: ipc workers vscode (need Node.js and `npm ci` in FOLDER)");
    return 0;
}

var seconds = Option("--seconds") is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : 3;
var peers = Option("--peers") ?? Path.Combine("peers", "messaging");
string[] all = ["inproc", "unix", "pipe", "tcp", "tls", "ipc", "workers", "vscode"];
var chosen = all.Where(args.Contains).ToArray() is { Length: > 0 } some ? some : all;
Console.WriteLine($"{"link",-10}{"what",-12}{"rate/s",12}{"median us",12}{"p99 us",12}{"cpu us",12}");
foreach (var link in chosen)
{
    if (link is "ipc" or "workers" or "vscode")
    {
        var output = await ChildProcess.RunAsync("node", Path.Combine(peers, link + ".mjs"), seconds.ToString(CultureInfo.InvariantCulture));
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var result = JsonSerializer.Deserialize<JsonElement>(line);
            Print(link, result.GetProperty("what").GetString()!, new Measurement(
                result.GetProperty("rate").GetDouble(), result.GetProperty("median").GetDouble(), result.GetProperty("p99").GetDouble(), result.GetProperty("cpu").GetDouble()));
        }

        continue;
    }

    await MeasureAsync(link);
}

return 0;

async Task MeasureAsync(string link)
{
    var address = link switch
    {
        "inproc" => "inproc:benchmark",
        "unix" => "unix://" + Path.Combine(Path.GetTempPath(), $"starling-benchmark-{Environment.ProcessId}"),
        "pipe" => $"pipe:starling-benchmark-{Environment.ProcessId}",
        _ => link + "://localhost:0",
    };
    await using var server = link == "inproc"
        ? (IAsyncDisposable)await RpcServer.StartAsync(address, new RpcServices().Add<IEcho>(new Echo()))
        : await ChildProcess.StartAsync(Environment.ProcessPath!, [.. SelfArguments(), "serve", address]);
    options.ClientTls = new SslClientAuthenticationOptions
    {
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.Subject == "CN=localhost",
    };
    await using var client = await RpcClient.ConnectAsync(server is ChildProcess child ? child.FirstLine : address, null, options);
    var echo = client.GetService<IEcho>();
    var large = new string('x', 64 * 1024);
    var duration = TimeSpan.FromSeconds(seconds);
    await RunAsync("1", () => echo.AddAsync(1, 2), 1);
    await RunAsync("64", () => echo.AddAsync(1, 2), 64);
    await RunAsync("64KB x 1", () => echo.EchoAsync(large), 1);
    await RunAsync("64KB x 16", () => echo.EchoAsync(large), 16);
    if (link != "inproc" && IsWanted("stream"))
    {
        var start = Stopwatch.GetTimestamp();
        await using var stream = await client.InvokeAsync<Stream>("produce", [1_000_000_000]);
        await stream.CopyToAsync(Stream.Null);
        Console.WriteLine($"{link,-10}{"stream",-12}{1000 / Stopwatch.GetElapsedTime(start).TotalSeconds,12:F0} MB/s");
    }

    async Task RunAsync(string what, Func<Task> call, int inFlight)
    {
        if (IsWanted(what))
        {
            Print(link, what, await RoundTrips.MeasureAsync(call, inFlight, duration, Cpu));
        }
    }

    TimeSpan Cpu() => Environment.CpuUsage.TotalTime + ((server as ChildProcess)?.Cpu ?? TimeSpan.Zero);
}

static async Task<int> ServeAsync(string address)
{
    var services = new RpcServices().Add<IEcho>(new Echo()).Add("produce", Stream (long bytes) => new ZeroStream(bytes));
    using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
    using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    var options = new MessagingOptions { ServerTls = new SslServerAuthenticationOptions { ServerCertificate = certificate } };
    await using var server = new RpcServer(services, options);
    Console.WriteLine(await server.ListenAsync(address));
    await Console.In.ReadToEndAsync();
    return 0;
}

static string[] SelfArguments() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];

static void Print(string link, string what, Measurement result) =>
    Console.WriteLine($"{link,-10}{what,-12}{result.Rate,12:F0}{result.Median,12:F1}{result.P99,12:F1}{result.Cpu,12:F1}");

bool IsWanted(string what) => Option("--what") is not { } wanted || wanted == what;

string? Option(string name) => Array.IndexOf(args, name) is var index and >= 0 && index + 1 < args.Length ? args[index + 1] : null;
