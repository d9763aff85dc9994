using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Starling.Ot;
using Starling.Ot.RichText;

namespace Starling.TraceReplay;

/// <summary>Replays one trace on rich text. Reading the operations is not measured; that the text at the end is the trace's is checked.</summary>
internal sealed class Replay(string name, Trace trace, int chunk)
{
    private const int Agents = 2;

    private readonly RichTextType _type = new();

    public ReplayResult Run()
    {
        if (trace.IsConcurrent)
        {
            return Transform(ConcurrentSteps());
        }

        var operations = trace.Txns.SelectMany(transaction => transaction.Patches).Select(Read).ToArray();
        var tenths = new double[10];
        Apply(operations, tenths);
        return new ReplayResult(operations.Length, tenths, Compose(operations));
    }

    private void Apply(IReadOnlyList<IOtOperation> operations, double[] tenths)
    {
        var document = _type.ReadSnapshot(
            string.IsNullOrEmpty(trace.StartContent) ? [] : JsonSerializer.SerializeToUtf8Bytes(new object[] { new { insert = trace.StartContent } }));
        var (tenth, start) = (0, Stopwatch.GetTimestamp());
        for (var i = 0; i < operations.Count; i++)
        {
            document = _type.Apply(document, operations[i]);
            if (i + 1 >= (tenth + 1L) * operations.Count / 10.0)
            {
                tenths[tenth++] = Stopwatch.GetElapsedTime(start).TotalSeconds;
                start = Stopwatch.GetTimestamp();
            }
        }

        var output = new ArrayBufferWriter<byte>();
        document.WriteTo(output);
        using var json = JsonDocument.Parse(output.WrittenMemory);
        var text = string.Concat(json.RootElement.GetProperty("ops").EnumerateArray().Select(op => op.GetProperty("insert").GetString()));
        if (text != trace.EndContent)
        {
            throw new TraceException($"{name}: the replay ends in another text than the trace.");
        }
    }

    private double Compose(IOtOperation[] operations)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < operations.Length; i += chunk)
        {
            var all = operations[i];
            for (var j = i + 1; j < Math.Min(i + chunk, operations.Length); j++)
            {
                all = _type.Compose(all, operations[j]);
            }
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Two clients and a server between them: each operation is carried over those of the other that its author had not seen.</summary>
    private ReplayResult Transform(List<(int Agent, int Seen, IOtOperation Operation)> steps)
    {
        List<IOtOperation>[] unseen = [[], []];
        var dropped = new int[Agents];
        var merged = new List<IOtOperation>(steps.Count);
        var count = 0L;
        var start = Stopwatch.GetTimestamp();
        foreach (var (agent, seen, operation) in steps)
        {
            var waiting = unseen[agent];
            waiting.RemoveRange(0, seen - dropped[agent]);
            dropped[agent] = seen;
            var (own, others) = agent == 0 ? (OtSide.Right, OtSide.Left) : (OtSide.Left, OtSide.Right);
            var carried = operation;
            for (var i = 0; i < waiting.Count; i++)
            {
                var other = waiting[i];
                waiting[i] = _type.Transform(other, carried, others);
                carried = _type.Transform(carried, other, own);
                count += 2;
            }

            unseen[1 - agent].Add(carried);
            merged.Add(carried);
        }

        var time = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Apply(merged, new double[10]);
        return new ReplayResult(count, Transform: time);
    }

    /// <summary>For each transaction how many of the other agent's operations its author had seen.</summary>
    private List<(int Agent, int Seen, IOtOperation Operation)> ConcurrentSteps()
    {
        var clocks = new List<int[]>(trace.Txns.Count);
        var steps = new List<(int Agent, int Seen, IOtOperation Operation)>(trace.Txns.Count);
        foreach (var transaction in trace.Txns)
        {
            if (transaction.Agent >= Agents)
            {
                throw new TraceException($"{name}: more than {Agents} people at once cannot be replayed with a server between two clients.");
            }

            var clock = new int[Agents];
            foreach (var parent in transaction.Parents ?? [])
            {
                for (var agent = 0; agent < Agents; agent++)
                {
                    clock[agent] = Math.Max(clock[agent], clocks[parent][agent]);
                }
            }

            var seen = clock[1 - transaction.Agent];
            clock[transaction.Agent]++;
            clocks.Add(clock);
            steps.Add((transaction.Agent, seen, transaction.Patches.Select(Read).Aggregate(_type.Compose)));
        }

        return steps;
    }

    private IOtOperation Read(Patch patch)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartArray();
            Write(writer, "retain", patch.Position);
            Write(writer, "delete", patch.Deleted);
            if (patch.Inserted.Length > 0)
            {
                writer.WriteStartObject();
                writer.WriteString("insert", patch.Inserted);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return _type.ReadOperation(output.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, string component, int length)
    {
        if (length > 0)
        {
            writer.WriteStartObject();
            writer.WriteNumber(component, length);
            writer.WriteEndObject();
        }
    }
}
