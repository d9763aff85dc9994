using Starling.Messaging.Calls;
using Starling.Messaging.Connections;

namespace Starling.Messaging.Payloads;

/// <summary>What a payload on a wire belongs to.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="Call">The call of ours whose arguments are written, if it is one.</param>
/// <param name="Message">The message that is written, if streams may follow it.</param>
internal readonly record struct WireScope(WireConnection Connection, PendingCall? Call, OutgoingMessage? Message = null);
