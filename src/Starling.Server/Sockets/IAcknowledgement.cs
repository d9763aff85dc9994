namespace Starling.Server.Sockets;

/// <summary>Waits for a client's answer.</summary>
internal interface IAcknowledgement
{
    void Complete(EventArguments answer);

    void Cancel();
}
