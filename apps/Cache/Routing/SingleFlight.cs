namespace Starling.Apps.Cache.Routing;

/// <summary>
/// Lets those who ask for the same thing at the same time share one answer. Who gives up leaves the others alone; when all have given up the
/// work is cancelled. Thread-safe.
/// </summary>
internal sealed class SingleFlight<T>
{
    private readonly Dictionary<string, Flight> _flights = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Joins the work under a key, or begins it.</summary>
    /// <param name="key">What is asked for.</param>
    /// <param name="work">Gets it.</param>
    /// <param name="cancellationToken">Gives up for this caller.</param>
    /// <returns>The answer, and whether somebody else had begun it.</returns>
    public async Task<(T Value, bool IsShared)> RunAsync(string key, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        var (flight, isShared) = Board(key, work);
        try
        {
            return (await flight.Task!.WaitAsync(cancellationToken), isShared);
        }
        finally
        {
            Leave(key, flight);
        }
    }

    private (Flight Flight, bool IsShared) Board(string key, Func<CancellationToken, Task<T>> work)
    {
        Flight flight;
        lock (_gate)
        {
            if (_flights.TryGetValue(key, out var known))
            {
                known.Passengers++;
                return (known, true);
            }

            flight = new Flight { Passengers = 1 };
            flight.Task = Task.Run(() => work(flight.Cancellation.Token));
            _flights[key] = flight;
        }

        flight.Task.ContinueWith(
            _ => Land(key, flight), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return (flight, false);
    }

    private void Leave(string key, Flight flight)
    {
        bool isEmpty;
        lock (_gate)
        {
            isEmpty = --flight.Passengers == 0 && !flight.Task!.IsCompleted;
            if (isEmpty)
            {
                Forget(key, flight);
            }
        }

        if (isEmpty)
        {
            flight.Cancellation.Cancel();
        }
    }

    private void Land(string key, Flight flight)
    {
        lock (_gate)
        {
            Forget(key, flight);
        }

        // Its failure is everybody's who waits; when nobody does, nobody misses it.
        _ = flight.Task!.Exception;
    }

    private void Forget(string key, Flight flight)
    {
        if (_flights.GetValueOrDefault(key) == flight)
        {
            _flights.Remove(key);
        }
    }

    private sealed class Flight
    {
        public CancellationTokenSource Cancellation { get; } = new();

        public Task<T>? Task { get; set; }

        public int Passengers { get; set; }
    }
}
