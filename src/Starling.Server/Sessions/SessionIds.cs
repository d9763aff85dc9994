using System.Buffers.Text;
using System.Security.Cryptography;

namespace Starling.Server.Sessions;

/// <summary>
/// Makes ids of sessions, sockets and recoveries: 15 random bytes in 20 URL-safe characters. Adapters of Node servers take any room name
/// of 20 characters for a socket's own room, so the length must stay.
/// </summary>
internal static class SessionIds
{
    public const int Length = 20;

    public static string Create()
    {
        Span<byte> random = stackalloc byte[15];
        RandomNumberGenerator.Fill(random);
        return Base64Url.EncodeToString(random);
    }
}
