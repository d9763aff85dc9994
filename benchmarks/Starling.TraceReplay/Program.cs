using System.CommandLine;
using Starling.TraceReplay;

var folder = new Argument<DirectoryInfo>("folder") { Description = "Folder with traces (*.json.gz)" }.AcceptExistingOnly();
var peer = new Option<string?>("--peer") { Description = "Command that replays the same, for example \"node peers/quill-delta/replay.mjs\"" };
var only = new Option<string?>("--only") { Description = "Replay traces whose name contains this" };
var chunk = new Option<int>("--chunk") { Description = "Operations composed into one", DefaultValueFactory = _ => 100 };
var passes = new Option<int>("--passes") { Description = "How often each trace is replayed; the last one counts", DefaultValueFactory = _ => 3 };
var root = new RootCommand("Replays recorded editing sessions on rich text: apply, compose, transform.") { folder, peer, only, chunk, passes };
root.SetAction(async (parsed, cancellationToken) =>
{
    try
    {
        Report.WriteHeader(Console.Out);
        foreach (var file in parsed.GetRequiredValue(folder).GetFiles("*.json.gz").OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            var name = file.Name[..^".json.gz".Length];
            if (!name.Contains(parsed.GetValue(only) ?? "", StringComparison.Ordinal))
            {
                continue;
            }

            var trace = Trace.Read(file.FullName);
            if (trace.IsConcurrent && trace.Txns.Max(transaction => transaction.Agent) > 1)
            {
                Console.WriteLine($"{name}: left out, more than two people wrote at once");
                continue;
            }

            var ours = default(ReplayResult);
            for (var pass = 0; pass < parsed.GetValue(passes); pass++)
            {
                ours = new Replay(name, trace, parsed.GetValue(chunk)).Run();
            }

            var theirs = parsed.GetValue(peer) is { } command
                ? await Peer.RunAsync(command, file.FullName, parsed.GetValue(chunk), parsed.GetValue(passes), cancellationToken)
                : null;
            Report.Write(Console.Out, name, ours!, theirs);
        }

        return 0;
    }
    catch (TraceException exception)
    {
        await Console.Error.WriteLineAsync("error: " + exception.Message);
        return 1;
    }
});
return await root.Parse(args).InvokeAsync();
