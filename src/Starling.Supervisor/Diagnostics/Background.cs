using Microsoft.Extensions.Logging;

namespace Starling.Supervisor;

/// <summary>Tasks that nothing waits for: what fails in one is logged, and never lost.</summary>
internal static class Background
{
    /// <summary>Logs it when a task fails. A cancelled task has not failed.</summary>
    /// <param name="task">The task.</param>
    /// <param name="log">Where.</param>
    /// <param name="what">What the task does, as a noun.</param>
    public static void Observe(this Task task, ILogger log, string what)
    {
        if (!task.IsCompletedSuccessfully)
        {
            _ = ObserveAsync(task, log, what);
        }
    }

    private static async Task ObserveAsync(Task task, ILogger log, string what)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // Not wanted any more.
        }
        catch (Exception exception)
        {
            log.BackgroundFailed(what, exception.Message, exception);
        }
    }
}
