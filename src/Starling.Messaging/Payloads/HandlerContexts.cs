using System.Diagnostics;

namespace Starling.Messaging.Payloads;

/// <summary>Runs handlers in the context that their owner has chosen.</summary>
internal static class HandlerContexts
{
    public static Task<T> RunAsync<T>(SynchronizationContext context, Func<Task<T>> start)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var activity = Activity.Current;
        context.Post(_ => _ = CompleteAsync(result, start, activity), null);
        return result.Task;
    }

    private static async Task CompleteAsync<T>(TaskCompletionSource<T> result, Func<Task<T>> start, Activity? activity)
    {
        try
        {
            if (activity is not null)
            {
                Activity.Current = activity;
            }

            result.TrySetResult(await start());
        }
        catch (OperationCanceledException e)
        {
            result.TrySetCanceled(e.CancellationToken);
        }
        catch (Exception e)
        {
            result.TrySetException(e);
        }
    }
}
