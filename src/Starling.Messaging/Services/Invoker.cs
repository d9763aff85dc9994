using System.Linq.Expressions;
using System.Reflection;

namespace Starling.Messaging.Services;

/// <summary>Compiles a method into one form that all handlers share: object and arguments in, task out.</summary>
internal static class Invoker
{
    private static readonly MethodInfo FromValueTask = Own(nameof(ToTask));
    private static readonly MethodInfo FromValueTaskOfValue = Own(nameof(ToTaskOfValue));
    private static readonly MethodInfo FromValue = typeof(Task).GetMethod(nameof(Task.FromResult))!;

    /// <param name="shape">The method.</param>
    /// <param name="handler">The delegate to call, or null to call the method on the object that each call gives.</param>
    public static Func<object, object?[], Task> Compile(MethodShape shape, Delegate? handler = null)
    {
        var method = shape.Method;
        var target = Expression.Parameter(typeof(object));
        var arguments = Expression.Parameter(typeof(object?[]));
        var parameters = shape.Parameters.Select((parameter, index) =>
            Expression.Convert(Expression.ArrayIndex(arguments, Expression.Constant(index)), parameter.Type));
        Expression call = handler is null
            ? Expression.Call(Expression.Convert(target, method.DeclaringType!), method, parameters)
            : Expression.Invoke(Expression.Constant(handler), parameters);
        call = shape.Return switch
        {
            ReturnKind.Void => Expression.Block(call, Expression.Constant(Task.CompletedTask)),
            ReturnKind.ValueTask => Expression.Call(FromValueTask, call),
            ReturnKind.ValueTaskOfValue => Expression.Call(Closed(FromValueTaskOfValue, shape.ResultType), call),
            ReturnKind.Value or ReturnKind.Sequence => Expression.Call(Closed(FromValue, shape.ResultType), call),
            _ => call,
        };
        return Expression.Lambda<Func<object, object?[], Task>>(Expression.Convert(call, typeof(Task)), target, arguments).Compile();
    }

    private static Task ToTask(ValueTask task) => task.AsTask();

    private static Task<T> ToTaskOfValue<T>(ValueTask<T> task) => task.AsTask();

    private static MethodInfo Own(string name) => typeof(Invoker).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!;

    [System.Diagnostics.CodeAnalysis.UnconditionalSuppressMessage(
        "Trimming", "IL2060", Justification = "Neither method asks anything of its type argument.")]
    private static MethodInfo Closed(MethodInfo method, Type argument) => method.MakeGenericMethod(argument);
}
