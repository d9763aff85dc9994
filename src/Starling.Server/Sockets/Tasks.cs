namespace Starling.Server.Sockets;

/// <summary>Makes handlers that return nothing look like those that return a task.</summary>
internal static class Tasks
{
    public static Func<T, Task> From<T>(Action<T> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return value =>
        {
            handler(value);
            return Task.CompletedTask;
        };
    }

    public static Func<T1, T2, Task> From<T1, T2>(Action<T1, T2> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return (first, second) =>
        {
            handler(first, second);
            return Task.CompletedTask;
        };
    }
}
