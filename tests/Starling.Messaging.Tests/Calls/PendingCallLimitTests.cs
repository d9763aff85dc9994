using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Starling.Messaging.Tests.Calls;

public sealed partial class PendingCallLimitTests
{
    private const int Limit = 4;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_that_are_cancelled_before_they_could_be_sent_leave_their_places_to_others()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var options = new MessagingOptions { MaxPendingCalls = Limit, SendHighWaterBytes = 64 * 1024, CallTimeout = TimeSpan.FromSeconds(10) };
        await using var client = await RpcClient.ConnectAsync($"tcp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", null, options, Stop);
        using var peer = await listener.AcceptTcpClientAsync(Stop);

        // Until there is no room: the peer does not read.
        var large = new string('x', 32 * 1024);
        Task note;
        do
        {
            note = client.NotifyAsync("note", [large], Stop).AsTask();
        }
        while (note.IsCompletedSuccessfully);

        using var cancellation = new CancellationTokenSource();
        var calls = Enumerable.Range(0, Limit).Select(_ => client.InvokeAsync<int>("call", [], null, cancellation.Token)).ToArray();
        await cancellation.CancelAsync();
        foreach (var call in calls)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        var answering = AnswerAsync(peer.GetStream());
        await note;
        Assert.Equal(7, await client.InvokeAsync<int>("call", [], null, Stop));
        client.Connection!.Abort();
        await answering;
    }

    /// <summary>Reads everything, and answers each request with 7.</summary>
    private static async Task AnswerAsync(NetworkStream stream)
    {
        var buffer = new byte[1 << 16];
        var end = "";
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer, Stop)) > 0;)
            {
                end += Encoding.ASCII.GetString(buffer, 0, read);
                foreach (Match request in Request().Matches(end))
                {
                    var answer = $$"""{"jsonrpc":"2.0","id":{{request.Groups[1].Value}},"result":7}""";
                    await stream.WriteAsync(Encoding.ASCII.GetBytes($"Content-Length: {answer.Length}\r\n\r\n{answer}"), Stop);
                }

                end = Request().Replace(end, "");
                end = end[^Math.Min(end.Length, 200)..];
            }
        }
        catch (IOException)
        {
            // The client has gone.
        }
    }

    [GeneratedRegex("\"id\":([0-9]+),\"method\":\"call\"")]
    private static partial Regex Request();
}
