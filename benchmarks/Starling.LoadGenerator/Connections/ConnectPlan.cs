namespace Starling.LoadGenerator.Connections;

/// <summary>The connections one loop makes.</summary>
/// <param name="Port">Port of the server on the loopback interface.</param>
/// <param name="Count">How many in all.</param>
/// <param name="Concurrency">How many may be under way at once.</param>
/// <param name="Linger">Microseconds to let more arrive before the next wait; 0 takes everything as it comes.</param>
internal sealed record ConnectPlan(int Port, int Count, int Concurrency, int Linger);
