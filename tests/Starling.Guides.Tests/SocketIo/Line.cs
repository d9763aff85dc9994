namespace Starling.Guides.Tests.SocketIo;

// begin line
public sealed record Line(int[] From, int[] To);
// end
