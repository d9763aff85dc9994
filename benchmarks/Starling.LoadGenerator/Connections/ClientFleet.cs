using Starling.LoadGenerator.Statistics;
using Starling.LoadGenerator.Workloads;

namespace Starling.LoadGenerator.Connections;

/// <summary>All clients of a run, spread over its event loops: client <c>n</c> is in loop <c>n mod loops</c>.</summary>
internal sealed class ClientFleet<TWorkload> : IDisposable
    where TWorkload : Workload
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan QuietAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(30);
    private readonly RunControl _control;
    private readonly List<EventLoop> _loops = [];

    /// <param name="control">The phase all loops follow.</param>
    /// <param name="port">Port of the server.</param>
    /// <param name="clients">Clients in all.</param>
    /// <param name="concurrency">Connections under way at once.</param>
    /// <param name="loops">Event loops.</param>
    /// <param name="linger">Microseconds a loop lets more arrive before it waits again.</param>
    /// <param name="create">Makes the workload of a loop, given its number and how many clients it has.</param>
    public ClientFleet(RunControl control, int port, int clients, int concurrency, int loops, int linger, Func<int, int, TWorkload> create)
    {
        (_control, Clients) = (control, clients);
        for (var loop = 0; loop < loops; loop++)
        {
            var share = (clients - loop + loops - 1) / loops;
            var workload = create(loop, share);
            Workloads.Add(workload);
            _loops.Add(new EventLoop(new ConnectPlan(port, share, Math.Max(concurrency / loops, 1), linger), workload, control, $"clients {loop}"));
        }
    }

    public int Clients { get; }

    public List<TWorkload> Workloads { get; } = [];

    public long Completed => Workloads.Sum(workload => workload.Completed);

    /// <summary>Processor seconds of each loop so far; the differences tell whether the generator is the limit.</summary>
    public double[] LoopCpuSeconds => [.. _loops.Select(loop => loop.CpuSeconds)];

    public Histogram Latencies => Merge(Workloads.Select(workload => workload.Latencies));

    public Histogram ConnectTimes => Merge(_loops.Select(loop => loop.ConnectTimes));

    /// <summary>Connects everyone; complete when every client has joined the namespace.</summary>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        _loops.ForEach(loop => loop.Start());
        var start = Clock.Now;
        while (_loops.Sum(loop => loop.Ready) < Clients)
        {
            if (Elapsed(start) > ConnectLimit)
            {
                throw new LoadException($"Only {_loops.Sum(loop => loop.Ready)} of {Clients} clients connected within {ConnectLimit.TotalSeconds} s.");
            }

            await WaitAsync(Poll, cancellationToken);
        }
    }

    /// <summary>Lets time pass, and fails as soon as a loop does.</summary>
    public async Task WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        var start = Clock.Now;
        do
        {
            var left = time - Elapsed(start);
            await Task.Delay(left < Poll ? TimeSpan.FromTicks(Math.Max(left.Ticks, 0)) : Poll, cancellationToken);
            ThrowIfFailed();
        }
        while (Elapsed(start) < time);
    }

    /// <summary>Stops sending, waits until nothing arrives any more, and ends the loops, so that their state may be read.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        _control.Phase = RunPhase.Draining;
        var start = Clock.Now;
        long before;
        do
        {
            before = Completed;
            await WaitAsync(QuietAfter, cancellationToken);
        }
        while (Completed != before && Elapsed(start) < DrainLimit);
        Dispose();
        ThrowIfFailed();
    }

    public void Dispose()
    {
        _control.Phase = RunPhase.Stopped;
        foreach (var loop in _loops.Where(loop => loop.IsStarted))
        {
            loop.Join();
        }
    }

    private static TimeSpan Elapsed(long start) => TimeSpan.FromMicroseconds((Clock.Now - start) / 1e3);

    private static Histogram Merge(IEnumerable<Histogram> parts)
    {
        var all = new Histogram();
        foreach (var part in parts)
        {
            all.Add(part);
        }

        return all;
    }

    private void ThrowIfFailed()
    {
        if (_loops.FirstOrDefault(loop => loop.Failure is not null)?.Failure is { } failure)
        {
            throw failure as LoadException ?? new LoadException(failure.ToString());
        }
    }
}
