using Starling.Server.Sockets.Payloads;

namespace Starling.Server.Sockets;

/// <summary>
/// Something that events can be sent to: one socket, everybody in a namespace, or a chosen part of them. The methods for the different
/// numbers of arguments are in <see cref="EmitExtensions"/>.
/// </summary>
public interface IEmitter
{
    internal ValueTask EmitAsync<TArguments>(string name, TArguments arguments, CancellationToken cancellationToken)
        where TArguments : struct, IArguments;
}
