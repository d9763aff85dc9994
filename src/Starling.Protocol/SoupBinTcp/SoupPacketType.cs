namespace Starling.Protocol.SoupBinTcp;

/// <summary>Types of packets of SoupBinTCP 3.00; the value is the letter on the wire.</summary>
public enum SoupPacketType : byte
{
    /// <summary>Text for people.</summary>
    Debug = (byte)'+',

    /// <summary>The server accepts: session and the number of the next message.</summary>
    LoginAccepted = (byte)'A',

    /// <summary>The server refuses: one letter says why.</summary>
    LoginRejected = (byte)'J',

    /// <summary>The next message of the sequence.</summary>
    SequencedData = (byte)'S',

    /// <summary>The server lives.</summary>
    ServerHeartbeat = (byte)'H',

    /// <summary>No more messages come.</summary>
    EndOfSession = (byte)'Z',

    /// <summary>The client asks for a session from a number on.</summary>
    LoginRequest = (byte)'L',

    /// <summary>A message outside the sequence.</summary>
    UnsequencedData = (byte)'U',

    /// <summary>The client lives.</summary>
    ClientHeartbeat = (byte)'R',

    /// <summary>The client leaves.</summary>
    LogoutRequest = (byte)'O',
}
