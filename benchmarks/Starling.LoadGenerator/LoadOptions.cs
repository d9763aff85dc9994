namespace Starling.LoadGenerator;

/// <summary>What is measured, and how long. One of these is shared by both sides of a comparison.</summary>
internal sealed record LoadOptions
{
    /// <summary>Clients of the broadcast and ack scenarios.</summary>
    public int Clients { get; init; } = 1000;

    /// <summary>Documents that the clients write (documents).</summary>
    public int Documents { get; init; } = 1;

    /// <summary>Bytes of payload of an event; at least <see cref="Workloads.Stamp.Length"/>.</summary>
    public int Payload { get; init; } = 100;

    /// <summary>Seconds measured.</summary>
    public double Seconds { get; init; } = 10;

    /// <summary>Seconds of the same load before the measurement.</summary>
    public double Warmup { get; init; } = 5;

    /// <summary>Clients that publish (broadcast).</summary>
    public int Publishers { get; init; } = 4;

    /// <summary>Events each publisher keeps under way (broadcast).</summary>
    public int Window { get; init; } = 4;

    /// <summary>Unanswered events per client (ack).</summary>
    public int Outstanding { get; init; } = 1;

    /// <summary>Connections made in the connect scenario.</summary>
    public int Connects { get; init; } = 5000;

    /// <summary>Connections under way at once, in every scenario.</summary>
    public int Concurrency { get; init; } = 64;

    /// <summary>Connections of the idle scenario.</summary>
    public int IdleClients { get; init; } = 10_000;

    /// <summary>Seconds to wait before memory is read (idle).</summary>
    public double Settle { get; init; } = 5;

    /// <summary>Event loops of the generator; more than the server leaves free only takes its time away.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Latency of a broadcast is taken at every so many clients.</summary>
    public int SampleEvery { get; init; } = 16;

    /// <summary>
    /// Microseconds an event loop sleeps before it reads again (broadcast, ack), so that frames come in batches and neither side pays a
    /// wake-up per frame. Latencies are longer by up to this much.
    /// </summary>
    public int Linger { get; init; }

    /// <exception cref="LoadException">Something does not fit together.</exception>
    public void Validate()
    {
        Require(Payload is >= Workloads.Stamp.Length and <= 60_000, $"--payload must be {Workloads.Stamp.Length} to 60000");
        Require(Publishers >= 1 && Publishers <= Clients && Publishers <= Workloads.Stamp.MaxSenders, "--publishers must be 1 to the number of clients");
        Require(Window >= 1 && Outstanding >= 1 && Concurrency >= 1, "--window, --outstanding and --concurrency must be at least 1");
        Require(Threads >= 1 && Threads <= Clients, "--threads must be 1 to the number of clients");
        Require(Documents >= 1, "--documents must be at least 1");
        Require(Connects >= 1 && IdleClients >= 1 && SampleEvery >= 1, "--connects, --idle-clients and --sample-every must be at least 1");
        Require(Linger is >= 0 and <= 100_000, "--linger must be 0 to 100000");
        Require(Seconds > 0 && Warmup >= 0 && Settle >= 0, "times must not be negative, and --seconds more than 0");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new LoadException(message + ".");
        }
    }
}
