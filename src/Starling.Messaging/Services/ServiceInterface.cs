using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Starling.Messaging.Services;

/// <summary>The methods of a service's interface.</summary>
internal static class ServiceInterface
{
    /// <exception cref="ArgumentException">The type is no interface.</exception>
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "The methods of base interfaces are kept with those who implement them.")]
    public static IEnumerable<MethodInfo> Methods(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.Interfaces)] Type type)
    {
        if (!type.IsInterface)
        {
            throw new ArgumentException($"A service is described by an interface; {type.Name} is none.");
        }

        return type.GetMethods().Concat(type.GetInterfaces().Where(parent => parent != typeof(IDisposable) && parent != typeof(IAsyncDisposable))
            .SelectMany(parent => parent.GetMethods()));
    }
}
