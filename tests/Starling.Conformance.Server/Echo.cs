using System.Text;
using Starling.Server.Sessions;

namespace Starling.Conformance.Server;

internal static class Echo
{
    public static ValueTask SendAsync(Session session, ReadOnlyMemory<byte> data, bool isBinary) =>
        isBinary ? session.SendAsync(data) : session.SendAsync(Encoding.UTF8.GetString(data.Span));
}
