using System.Text.Json.Serialization;

namespace Starling.Guides.Tests.SocketIo;

// begin json
[JsonSerializable(typeof(Line))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
public sealed partial class ChatJson : JsonSerializerContext;
// end
