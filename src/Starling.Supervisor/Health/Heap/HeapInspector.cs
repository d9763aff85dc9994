using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers;
using Microsoft.Diagnostics.Tracing.Parsers.Clr;

namespace Starling.Supervisor.Health.Heap;

/// <summary>
/// Takes histograms of the heap of one .NET process through its diagnostic port, as <c>dotnet-gcdump</c> does. Owned by the worker, one for each process:
/// a process says the name of a type only once, so names are kept from one histogram to the next. One histogram at a time. Each makes the process collect its whole
/// heap, which holds it up for that time.
/// </summary>
public sealed class HeapInspector
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";
    private const int BufferMegabytes = 256;
    private readonly int _processId;
    private readonly TimeProvider _time;
    private readonly Dictionary<ulong, string> _names = [];

    /// <summary>Makes one.</summary>
    public HeapInspector(int processId, TimeProvider time)
    {
        _processId = processId;
        _time = time;
    }

    /// <summary>Whether a process has a diagnostic port: it is one of .NET, of this user, that did not switch it off.</summary>
    public static bool CanInspect(int processId)
    {
        // The library's own list fails as soon as the system has processes whose environment cannot be read.
        if (OperatingSystem.IsWindows())
        {
            return File.Exists($@"\\.\pipe\dotnet-diagnostic-{processId}");
        }

        return Directory.EnumerateFiles(TemporaryFolderOf(processId), $"dotnet-diagnostic-{processId}-*-socket").Any();
    }

    /// <summary>Takes a histogram.</summary>
    /// <param name="limit">Longest time that it may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="HeapSnapshotException">The process cannot be asked, or did not answer in time.</exception>
    public async Task<HeapHistogram> TakeAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await TakeAsync(both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HeapSnapshotException($"the process {_processId} did not show its heap within {limit.TotalSeconds:0} s");
        }
        catch (Exception error) when (error is DiagnosticsClientException or IOException or TimeoutException or UnauthorizedAccessException)
        {
            throw new HeapSnapshotException($"the heap of the process {_processId} cannot be looked at: {error.Message}", error);
        }
    }

    /// <summary>The folder that a process makes the socket of its diagnostic port in.</summary>
    private static string TemporaryFolderOf(int processId)
    {
        const string Name = "TMPDIR=";
        var usual = Path.GetTempPath();
        try
        {
            var variables = OperatingSystem.IsLinux() ? File.ReadAllText($"/proc/{processId}/environ").Split('\0') : [];
            var chosen = variables.FirstOrDefault(variable => variable.StartsWith(Name, StringComparison.Ordinal))?[Name.Length..];
            return Directory.Exists(chosen) ? chosen : OperatingSystem.IsLinux() ? "/tmp" : usual;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return usual;
        }
    }

    private async Task<HeapHistogram> TakeAsync(CancellationToken cancellationToken)
    {
        var client = new DiagnosticsClient(_processId);
        var provider = new EventPipeProvider(Runtime, EventLevel.Verbose, (long)ClrTraceEventParser.Keywords.GCHeapSnapshot);
        using var session = await client.StartEventPipeSessionAsync(provider, requestRundown: false, BufferMegabytes, cancellationToken);

        // The stream is read by blocking calls, so not on a thread of the pool.
        var uses = new Dictionary<ulong, HeapTypeUse>();
        var reading = Task.Factory.StartNew(() => Read(session, uses), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var isWhole = false;
        using (cancellationToken.Register(session.Dispose))
        {
            try
            {
                // The process sees to one request after the other, so it stops after the collection that the start induced; what a small heap has to tell would wait
                // in its buffers for ever otherwise.
                await session.StopAsync(cancellationToken);
                isWhole = await reading;
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                // The stream was torn away.
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (!isWhole)
        {
            throw new HeapSnapshotException($"the process {_processId} ended, or another tool was looking at its heap");
        }

        var types = new Dictionary<string, HeapTypeUse>();
        foreach (var (id, use) in uses)
        {
            var name = _names.GetValueOrDefault(id, $"(type {id:x})");
            var sum = types.GetValueOrDefault(name);
            types[name] = new HeapTypeUse(sum.Count + use.Count, sum.Bytes + use.Bytes);
        }

        return new HeapHistogram(_time.GetUtcNow(), types);
    }

    private bool Read(EventPipeSession session, Dictionary<ulong, HeapTypeUse> uses)
    {
        using var source = new EventPipeEventSource(session.EventStream);
        var collection = -1;
        source.Clr.TypeBulkType += data =>
        {
            for (var i = 0; i < data.Count; i++)
            {
                var type = data.Values(i);
                _names[type.TypeID] = type.TypeName;
            }
        };
        source.Clr.GCBulkNode += data =>
        {
            for (var i = 0; i < data.Count; i++)
            {
                var node = data.Values(i);
                var use = uses.GetValueOrDefault(node.TypeID);
                uses[node.TypeID] = new HeapTypeUse(use.Count + 1, use.Bytes + (long)node.Size);
            }
        };

        // The collection that the session induces is followed by the objects that it left, and then by its end.
        var isWhole = false;
        source.Clr.GCStart += data => collection = collection < 0 && data.Depth == 2 && data.Reason == GCReason.Induced ? data.Count : collection;
        source.Clr.GCStop += data => isWhole |= data.Count == collection;
        source.Process();
        return isWhole;
    }
}
