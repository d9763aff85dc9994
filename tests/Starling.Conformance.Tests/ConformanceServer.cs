using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Server.Backplane;
using Starling.Server.Sockets;

namespace Starling.Conformance.Tests;

/// <summary>A server in this process, on a free port, with the handlers that the scenarios in npm/scenarios talk to.</summary>
internal sealed partial class ConformanceServer(WebApplication app, SocketIOServer io) : IAsyncDisposable
{
    public string Url => app.Urls.Single();

    public SocketIOServer Io => io;

    /// <param name="configure">Changes the server's settings.</param>
    /// <param name="path">Where it serves.</param>
    /// <param name="lean">Whether WebSockets outlive their requests; tests of the server's own project run without.</param>
    /// <param name="backplane">What connects it to other servers.</param>
    public static async Task<ConformanceServer> StartAsync(
        Action<SocketIOOptions>? configure = null, string path = "/socket.io", bool lean = true,
        IBackplane? backplane = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (lean)
        {
            builder.WebHost.UseLeanWebSockets();
        }

        builder.Services.AddSocketIO();
        if (backplane is not null)
        {
            builder.Services.AddSingleton(backplane);
        }

        var app = builder.Build();
        var io = app.MapSocketIO(path, configure);
        Map(io);
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync();
        return new ConformanceServer(app, io);
    }

    public Task StopAsync() => app.StopAsync();

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static void Map(SocketIOServer io)
    {
        io.On("echo", (socket, received) => socket.EmitAsync("echo-back", received.Arguments));
        io.On("echo-ack", (_, received) => received.AckAsync(received.Arguments));
        io.On<int>("number", (socket, number) => socket.EmitAsync("number", number).AsTask());
        io.OnRequest("flush", _ => Task.FromResult("flushed"));
        io.On("ask-me", (socket, received) => { _ = AskAsync(socket, received); });
        io.On("ask-nothing", (socket, received) => { _ = AskInVainAsync(socket, received); });
        io.OnRequest<int, int, int>("add", (_, first, second) => Task.FromResult(first + second));
        io.On("throws", (Socket _) => throw new InvalidOperationException("A handler that fails."));
        io.On("leave-me", socket => socket.Disconnect());
        MapRooms(io);

        io.Of("/guarded").Use((socket, _) =>
            socket.Handshake.Auth.TryGetProperty("token", out var token) && token.GetString() == "right"
                ? ValueTask.CompletedTask
                : throw new ConnectRefusedException("not allowed", new { reason = "token" }));
        io.Of("/large").OnConnection(async socket =>
        {
            await socket.EmitAsync("large", new string('x', 1_200_000));
            await socket.EmitAsync("small");
        });
        io.Of("/large").OnRequest("picture", _ => Task.FromResult(new string('x', 1_300_000)));
        io.Of(BoardPattern()).OnRequest("where", socket => Task.FromResult(socket.Namespace.Name));
    }

    private static void MapRooms(SocketIOServer io)
    {
        OnAcknowledged(io, "join", (socket, arguments) => Do(() => socket.Join(Room(arguments))));
        OnAcknowledged(io, "leave", (socket, arguments) => Do(() => socket.Leave(Room(arguments))));
        OnAcknowledged(io, "say-to", (socket, arguments) => socket.To(Room(arguments)).EmitAsync("heard", arguments.Get<string>(1)));
        OnAcknowledged(io, "say-in", (_, arguments) => arguments.Attachments.Count > 0
            ? io.To(Room(arguments)).EmitAsync("heard", arguments.Get<byte[]>(1))
            : io.To(Room(arguments)).EmitAsync("heard", arguments.Get<string>(1)));
        OnAcknowledged(io, "say-broadcast", (socket, arguments) => socket.Broadcast.EmitAsync("heard", arguments.Get<string>(0)));
        OnAcknowledged(io, "say-except", (_, arguments) => io.Except(Room(arguments)).EmitAsync("heard", arguments.Get<string>(1)));
        OnAcknowledged(io, "say-union", (_, arguments) =>
            io.To(Room(arguments), arguments.Get<string>(1)!).EmitAsync("heard", arguments.Get<string>(2)));
        OnAcknowledged(io, "remember", (socket, arguments) => Do(() => socket.Data["memory"] = arguments.Get<string>(0)));
        OnAcknowledged(io, "expel", (_, arguments) => io.In(Room(arguments)).DisconnectSocketsAsync());
        io.OnRequest("recall", socket => Task.FromResult((string?)socket.Data["memory"]));
        io.OnRequest<string, int>("count", async (_, room) => (await io.In(room!).FetchSocketsAsync()).Count);
        io.On("poll-all", (socket, received) => { _ = PollAsync(io, received, TimeSpan.FromSeconds(5)); });
        io.On("poll-some", (socket, received) => { _ = PollAsync(io, received, TimeSpan.FromMilliseconds(200)); });
    }

    private static void OnAcknowledged(SocketIOServer io, string name, Func<Socket, EventArguments, ValueTask> handler) =>
        io.On(name, async (Socket socket, SocketEvent received) =>
        {
            await handler(socket, received.Arguments);
            await received.AckAsync();
        });

    private static string Room(EventArguments arguments) => arguments.Get<string>(0)!;

    private static ValueTask Do(Action action)
    {
        action();
        return ValueTask.CompletedTask;
    }

    // What awaits the client itself must not hold up the client's next events.
    private static async Task AskAsync(Socket socket, SocketEvent received)
    {
        var answer = await socket.EmitWithAckAsync<int, int>("question", received.Arguments.Get<int>(0));
        await received.AckAsync(answer);
    }

    private static async Task AskInVainAsync(Socket socket, SocketEvent received)
    {
        try
        {
            await socket.Timeout(TimeSpan.FromMilliseconds(100)).EmitWithAckAsync<int>("silence");
        }
        catch (TimeoutException)
        {
            await received.AckAsync("timeout");
        }
    }

    private static async Task PollAsync(SocketIOServer io, SocketEvent received, TimeSpan timeout)
    {
        try
        {
            await received.AckAsync(await io.Timeout(timeout).EmitWithAckAsync<string>("poll"));
        }
        catch (AcknowledgementTimeoutException<string> exception)
        {
            await received.AckAsync(exception.Answers);
        }
    }

    [GeneratedRegex(@"^/board-\d+$")]
    private static partial Regex BoardPattern();
}
