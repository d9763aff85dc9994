namespace Starling.Messaging.Services;

/// <summary>A method that peers may call.</summary>
/// <param name="Shape">Its parameters and result.</param>
/// <param name="TargetIndex">Which of the connection's service objects it belongs to, or -1 when it is bound to its own.</param>
/// <param name="Invoke">Calls it.</param>
internal sealed record ServiceMethod(MethodShape Shape, int TargetIndex, Func<object, object?[], Task> Invoke)
{
    public ArgumentBinder Binder { get; } = new(Shape);

    /// <summary>The same method, its calls beginning in a context.</summary>
    public ServiceMethod In(SynchronizationContext context) => this with
    {
        Invoke = (target, arguments) => Shape.Result.RunIn(context, () => Invoke(target, arguments)),
    };
}
