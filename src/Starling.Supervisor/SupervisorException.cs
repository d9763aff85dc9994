using Starling.Messaging;

namespace Starling.Supervisor;

/// <summary>Something that was asked of a supervisor cannot be done; the message says why and what to do. Over the control socket it arrives as <see cref="RpcException"/>.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="innerException">What led to it.</param>
public sealed class SupervisorException(string message, Exception? innerException = null) : RpcException(ErrorCode, message, innerException)
{
    /// <summary>Code of the error on the wire.</summary>
    public const int ErrorCode = 1;
}
