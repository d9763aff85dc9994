using System.CommandLine;
using System.Text.Json;
using Starling.LoadGenerator.Reports;
using Starling.LoadGenerator.Scenarios;

namespace Starling.LoadGenerator;

/// <summary>The commands and their options.</summary>
internal sealed class CommandLine
{
    private static readonly LoadOptions Defaults = new();
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly Option<string> _server = new("--server") { Description = "Command that starts the server, for example \"dotnet server.dll\"", Required = true };
    private readonly Option<string> _peer = new("--peer") { Description = "Command that starts what it is compared with", Required = true };
    private readonly Option<string> _scenario = Make("--scenario", "all", "What to measure");
    private readonly Option<int> _rounds = Make("--rounds", 3, "Rounds against each server");
    private readonly Option<FileInfo?> _json = new("--json") { Description = "File to write the report to, as JSON" };
    private readonly Option<int> _clients = Make("--clients", Defaults.Clients, "Clients (broadcast, ack, stream, documents)");
    private readonly Option<int> _documents = Make("--documents", Defaults.Documents, "Documents that the clients write (documents)");
    private readonly Option<int> _payload = Make("--payload", Defaults.Payload, "Bytes of payload");
    private readonly Option<double> _seconds = Make("--seconds", Defaults.Seconds, "Seconds measured");
    private readonly Option<double> _warmup = Make("--warmup", Defaults.Warmup, "Seconds of load before");
    private readonly Option<int> _publishers = Make("--publishers", Defaults.Publishers, "Clients that publish (broadcast)");
    private readonly Option<int> _window = Make("--window", Defaults.Window, "Events each publisher keeps under way (broadcast)");
    private readonly Option<int> _outstanding = Make("--outstanding", Defaults.Outstanding, "Unanswered events per client (ack); documents a client writes at once (documents)");
    private readonly Option<int> _connects = Make("--connects", Defaults.Connects, "Connections made (connect)");
    private readonly Option<int> _concurrency = Make("--concurrency", Defaults.Concurrency, "Connections under way at once");
    private readonly Option<int> _idleClients = Make("--idle-clients", Defaults.IdleClients, "Connections (idle)");
    private readonly Option<double> _settle = Make("--settle", Defaults.Settle, "Seconds before memory is read (idle)");
    private readonly Option<int> _threads = Make("--threads", Defaults.Threads, "Event loops of the generator");
    private readonly Option<int> _linger = Make("--linger", Defaults.Linger, "Microseconds to let more arrive before reading (broadcast, ack)");
    private readonly Option<int> _sampleEvery = Make("--sample-every", Defaults.SampleEvery, "Latency from every so many clients (broadcast)");

    public RootCommand Build()
    {
        _scenario.AcceptOnlyFromAmong(ScenarioCatalog.Names);
        var compare = new Command("compare", "Measures two servers in turns and shows medians and ratios.") { _server, _peer, _scenario, _rounds, _json };
        compare.SetAction((parsed, cancellation) => RunAsync(() => CompareAsync(parsed, parsed.GetValue(_peer), cancellation)));
        var run = new Command("run", "Measures one server.") { _server, _scenario, _rounds, _json };
        run.SetAction((parsed, cancellation) => RunAsync(() => CompareAsync(parsed, peer: null, cancellation)));
        var selfTest = new Command("selftest", "Measures the generator itself.") { Hidden = true };
        selfTest.SetAction((parsed, cancellation) => RunAsync(() => new SelfTest(Read(parsed), Console.Out).RunAsync(cancellation)));

        foreach (var command in new[] { compare, run, selfTest })
        {
            Option[] shared =
            [
                _clients, _documents, _payload, _seconds, _warmup, _publishers, _window, _outstanding, _connects, _concurrency, _idleClients, _settle,
                _threads, _sampleEvery, _linger,
            ];
            Array.ForEach(shared, command.Options.Add);
        }

        return new RootCommand("Measures Socket.IO servers side by side.") { compare, run, selfTest };
    }

    private static Option<T> Make<T>(string name, T value, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    private static async Task<int> RunAsync(Func<Task> action)
    {
        try
        {
            await action();
            return 0;
        }
        catch (LoadException failure)
        {
            await Console.Error.WriteLineAsync("error: " + failure.Message);
            return 1;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("stopped.");
            return 130;
        }
    }

    private async Task CompareAsync(ParseResult parsed, string? peer, CancellationToken cancellationToken)
    {
        var options = Read(parsed);
        var comparison = new Comparison(parsed.GetRequiredValue(_server), peer, options, parsed.GetValue(_rounds), Console.Error);
        var report = await comparison.RunAsync(ScenarioCatalog.Choose(parsed.GetRequiredValue(_scenario), options), cancellationToken);
        TextReport.Write(report, Console.Out);
        if (parsed.GetValue(_json) is { } file)
        {
            await File.WriteAllTextAsync(file.FullName, JsonSerializer.Serialize(report, Json), cancellationToken);
        }
    }

    private LoadOptions Read(ParseResult parsed)
    {
        var options = new LoadOptions
        {
            Clients = parsed.GetValue(_clients),
            Documents = parsed.GetValue(_documents),
            Payload = parsed.GetValue(_payload),
            Seconds = parsed.GetValue(_seconds),
            Warmup = parsed.GetValue(_warmup),
            Publishers = parsed.GetValue(_publishers),
            Window = parsed.GetValue(_window),
            Outstanding = parsed.GetValue(_outstanding),
            Connects = parsed.GetValue(_connects),
            Concurrency = parsed.GetValue(_concurrency),
            IdleClients = parsed.GetValue(_idleClients),
            Settle = parsed.GetValue(_settle),
            Threads = parsed.GetValue(_threads),
            Linger = parsed.GetValue(_linger),
            SampleEvery = parsed.GetValue(_sampleEvery),
        };
        options.Validate();
        return options;
    }
}
