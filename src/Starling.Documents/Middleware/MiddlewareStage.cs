using System.Collections.Immutable;

namespace Starling.Documents.Middleware;

/// <summary>One place where an application can look at what is done, and refuse or change it. Thread-safe.</summary>
/// <typeparam name="TContext">What is known at that place.</typeparam>
public sealed class MiddlewareStage<TContext>
{
    private ImmutableArray<Func<TContext, CancellationToken, ValueTask>> _steps = [];

    internal bool IsEmpty => _steps.IsEmpty;

    /// <summary>Adds a step, after those added before.</summary>
    /// <param name="step">
    /// Looks at the context. A <see cref="DocumentException"/> refuses what is asked, with its code and message; any other exception is
    /// logged and refuses it without telling why.
    /// </param>
    public void Use(Func<TContext, CancellationToken, ValueTask> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        ImmutableInterlocked.Update(ref _steps, static (steps, added) => steps.Add(added), step);
    }

    /// <summary>Adds a step that does not wait for anything.</summary>
    /// <param name="step">As above.</param>
    public void Use(Action<TContext> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Use((context, _) =>
        {
            step(context);
            return ValueTask.CompletedTask;
        });
    }

    internal async ValueTask RunAsync(TContext context, CancellationToken cancellationToken)
    {
        foreach (var step in _steps)
        {
            await step(context, cancellationToken);
        }
    }
}
