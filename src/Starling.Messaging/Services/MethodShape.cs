using System.Reflection;
using Starling.Messaging.Payloads;

namespace Starling.Messaging.Services;

/// <summary>What both sides must know of a method: its name, its parameters, and the form of its result.</summary>
internal sealed class MethodShape
{
    /// <summary>The binder keeps one bit for each.</summary>
    private const int MaxParameters = 64;

    private MethodShape(string name, MethodInfo method, PayloadSerializer serializer)
    {
        Name = name;
        Method = method;
        Parameters = [.. method.GetParameters().Select(parameter => new RpcParameter(parameter, serializer))];
        TokenIndex = Array.FindIndex(Parameters, parameter => parameter.Kind == ParameterKind.CancellationToken);
        (Return, ResultType) = Classify(method.ReturnType);
        Result = serializer.Of(ResultType);
    }

    public string Name { get; }

    public MethodInfo Method { get; }

    public RpcParameter[] Parameters { get; }

    /// <summary>Where the cancellation token is, or -1.</summary>
    public int TokenIndex { get; }

    public ReturnKind Return { get; }

    public Type ResultType { get; }

    public Codec Result { get; }

    /// <summary>A method of a service's interface.</summary>
    /// <exception cref="ArgumentException">It cannot be called remotely.</exception>
    public static MethodShape OfInterface(MethodInfo method, PayloadSerializer serializer) => new(NameOf(method), method, serializer);

    /// <summary>The name on the wire of a method of a service's interface.</summary>
    /// <exception cref="ArgumentException">It cannot be called remotely, whatever its types are.</exception>
    public static string NameOf(MethodInfo method)
    {
        var attribute = method.GetCustomAttribute<RpcMethodAttribute>();
        var prefix = method.DeclaringType?.GetCustomAttribute<RpcServiceAttribute>()?.Prefix;
        var name = attribute?.Name ?? UsualName(method.Name);
        var where = $"{method.DeclaringType?.Name}.{method.Name}";
        if (method.IsSpecialName)
        {
            throw new ArgumentException($"{where}: a service has methods only, no properties and no events.");
        }

        if (method.IsGenericMethodDefinition)
        {
            throw new ArgumentException($"{where}: a generic method cannot be called remotely; which type is meant is not on the wire.");
        }

        if (Classify(method.ReturnType).Kind == ReturnKind.Value)
        {
            throw new ArgumentException($"{where} must return Task, ValueTask, IAsyncEnumerable<T> or, for a notification, void: a caller would have to block for the answer.");
        }

        CheckParameters(method);
        return prefix is null ? name : prefix + "/" + name;
    }

    /// <summary>Refuses parameters that no message can carry.</summary>
    /// <exception cref="ArgumentException">There are too many, or one is passed by reference.</exception>
    public static void CheckParameters(MethodInfo method)
    {
        var parameters = method.GetParameters();
        if (parameters.Length > MaxParameters)
        {
            throw new ArgumentException($"{method.Name} takes more than {MaxParameters} parameters.");
        }

        if (Array.Find(parameters, parameter => parameter.ParameterType.IsByRef) is { } reference)
        {
            throw new ArgumentException($"Parameter '{reference.Name}' of {method.Name} is passed by reference; nothing can be sent back that way.");
        }
    }

    /// <summary>A handler that is a method of its own.</summary>
    public static MethodShape OfHandler(string name, MethodInfo method, PayloadSerializer serializer) => new(name, method, serializer);

    /// <summary>Whether calls ask for no answer.</summary>
    public bool IsNotification() => Return == ReturnKind.Void || Method.GetCustomAttribute<RpcMethodAttribute>()?.IsNotification == true;

    private static string UsualName(string name)
    {
        var stem = name.Length > 5 && name.EndsWith("Async", StringComparison.Ordinal) ? name[..^5] : name;
        return char.ToLowerInvariant(stem[0]) + stem[1..];
    }

    private static (ReturnKind Kind, Type Result) Classify(Type type)
    {
        if (type == typeof(void))
        {
            return (ReturnKind.Void, typeof(Nothing));
        }

        if (type == typeof(Task))
        {
            return (ReturnKind.Task, typeof(Nothing));
        }

        if (type == typeof(ValueTask))
        {
            return (ReturnKind.ValueTask, typeof(Nothing));
        }

        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        if (definition == typeof(Task<>))
        {
            return (ReturnKind.TaskOfValue, type.GetGenericArguments()[0]);
        }

        if (definition == typeof(ValueTask<>))
        {
            return (ReturnKind.ValueTaskOfValue, type.GetGenericArguments()[0]);
        }

        return definition == typeof(IAsyncEnumerable<>) ? (ReturnKind.Sequence, type) : (ReturnKind.Value, type);
    }
}
