namespace Starling.Supervisor.Spawning;

/// <summary>Ends process trees: by a signal and some time, or by force.</summary>
internal static class TreeEnd
{
    private const int MaxRounds = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Sends a signal to all of a tree and waits for it to end. What does not end in time, or was started meanwhile, is ended by force.
    /// </summary>
    /// <param name="tree">Gives the tree, with what it consists of now.</param>
    /// <param name="exited">Completes when the root has ended.</param>
    /// <param name="signal">The signal.</param>
    /// <param name="limit">Longest time until the end by force.</param>
    /// <param name="time">Clock of the limit.</param>
    /// <returns>Whether the root ended in time.</returns>
    public static async Task<bool> EndAsync(Func<ProcessTree> tree, Task exited, int signal, TimeSpan limit, TimeProvider time)
    {
        var start = time.GetTimestamp();
        var signalled = tree().Signal(signal);
        var isInTime = await EndsWithinAsync(exited, limit, time);
        for (var pause = Pause; isInTime && signalled.Any(process => ProcessTree.StartTicks(process.Key) == process.Value) && time.GetElapsedTime(start) < limit;)
        {
            await Task.Delay(pause, time);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }

        await KillAsync(tree());
        return isInTime;
    }

    /// <summary>
    /// Ends a tree by force. Everything is stopped before anything is ended, again and again until nothing new is found, so that a tree that multiplies does not
    /// outrun the killing of it.
    /// </summary>
    /// <returns>Number of processes that were ended.</returns>
    public static async Task<int> KillAsync(ProcessTree tree)
    {
        var killed = new HashSet<int>();
        for (var round = 0; round < MaxRounds; round++)
        {
            var stopped = await tree.StopAsync();
            if (stopped.Count == 0)
            {
                break;
            }

            tree.SignalGroups(Signals.Kill);
            foreach (var id in stopped)
            {
                if (Libc.kill(id, Signals.Kill) == 0)
                {
                    killed.Add(id);
                }
            }

            await Task.Delay(Pause);
        }

        return killed.Count;
    }

    /// <summary>Whether something ends in time.</summary>
    public static async Task<bool> EndsWithinAsync(Task exited, TimeSpan limit, TimeProvider time)
    {
        try
        {
            await exited.WaitAsync(limit, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
