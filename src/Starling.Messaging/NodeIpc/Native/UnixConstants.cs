namespace Starling.Messaging.NodeIpc.Native;

/// <summary>Numbers of the C library, where Linux and macOS differ.</summary>
internal static class UnixConstants
{
    public const int AddressFamilyUnix = 1;
    public const int SocketStream = 1;
    public const int Interrupted = 4;
    public const int DuplicateCloseOnExec = 1030;
    public const int PassDescriptors = 1;
    public const int GetStatus = 3;
    public const int SetStatus = 4;
    public const int NonBlocking = 0x800;

    public static readonly bool IsMac = OperatingSystem.IsMacOS();
    public static readonly int SocketCloseOnExec = IsMac ? 0 : 0x80000;
    public static readonly int SocketLevel = IsMac ? 0xFFFF : 1;
    public static readonly int WouldBlock = IsMac ? 35 : 11;
    public static readonly int DoNotWait = IsMac ? 0x80 : 0x40;

    // macOS has no such flag; .NET ignores the signal for the whole process.
    public static readonly int NoSignal = IsMac ? 0 : 0x4000;
    public static readonly int ReceiveCloseOnExec = IsMac ? 0 : 0x40000000;
    public static readonly nuint RequestCloseOnExec = IsMac ? 0x20006601u : 0x5451u;
    public static readonly nuint RequestKeepOnExec = IsMac ? 0x20006602u : 0x5450u;
}
