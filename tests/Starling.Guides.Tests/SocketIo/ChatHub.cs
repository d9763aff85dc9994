using Starling.Server.Sockets;

namespace Starling.Guides.Tests.SocketIo;

// begin hub
public sealed class ChatHub(History history) : SocketHub
{
    protected override Task OnConnectedAsync()
    {
        Socket.On<string>("say", async text =>
        {
            history.Add(text!);
            await Socket.Broadcast.EmitAsync("said", text);
        });
        return Task.CompletedTask;
    }
}
// end
