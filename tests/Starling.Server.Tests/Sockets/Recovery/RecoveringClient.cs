using System.Net.WebSockets;
using System.Text.Json;

namespace Starling.Server.Tests.Sockets.Recovery;

/// <summary>A client as the official one behaves: remembers the id for recovery and the offset of its last event, and brings both along.</summary>
internal sealed class RecoveringClient
{
    private readonly Lock _gate = new();
    private readonly List<string> _events = [];
    private TaskCompletionSource _joined = NewSource();
    private readonly TaskCompletionSource _sawClose = NewSource();
    private RawClient? _connection;
    private Task _reading = Task.CompletedTask;

    public string Id { get; private set; } = "";

    public string? RecoveryId { get; set; }

    public string? Offset { get; set; }

    public bool Recovered { get; private set; }

    /// <summary>The events so far, without their offsets.</summary>
    public string[] Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _events];
            }
        }
    }

    /// <summary>Completes when the connection has ended.</summary>
    public Task Closed => _reading;

    /// <summary>Whether it answers the server's close at once.</summary>
    public bool AnswersClose { get; init; } = true;

    /// <summary>Completes when the server has begun to close.</summary>
    public Task SawClose => _sawClose.Task;

    public Task CloseAsync() =>
        _connection!.WebSocket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);

    public static async Task<RecoveringClient> StartAsync(RunningServer server)
    {
        var client = new RecoveringClient();
        await client.JoinAsync(server);
        return client;
    }

    /// <summary>Connects to a server and joins the main namespace, as after a loss; whatever connection there was is just left.</summary>
    public async Task JoinAsync(RunningServer server)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            // An older attempt of its own may come to the socket later than this one, and closes this one's connection; then it tries again.
            await ConnectAsync(server);
            await Task.WhenAny(_joined.Task, _reading).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            if (_joined.Task.IsCompleted)
            {
                return;
            }
        }

        Assert.Fail("The server has closed every connection before the client had joined.");
    }

    /// <summary>Waits for events, and joins again whenever the connection is closed.</summary>
    public async Task HasAsync(int count, RunningServer server)
    {
        for (var i = 0; i < 1_500 && Events.Length < count; i++)
        {
            if (_reading.IsCompleted)
            {
                await JoinAsync(server);
                Assert.True(Recovered);
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.True(Events.Length >= count, $"{count} events have come: {string.Join(' ', Events)}");
    }

    /// <summary>Asks to join and does not wait for the answer.</summary>
    public async Task ConnectAsync(RunningServer server)
    {
        var connection = await server.ConnectAsync(join: false);
        SetConnection(connection);
        _joined = NewSource();
        await connection.SendAsync("40" + JsonSerializer.Serialize(
            RecoveryId is null ? [] : Offset is null
                ? new Dictionary<string, string> { ["pid"] = RecoveryId }
                : new Dictionary<string, string> { ["pid"] = RecoveryId, ["offset"] = Offset }));
        _reading = ReadAsync(connection, _joined);
    }

    public Task SendAsync(string packet) => _connection!.SendAsync(packet);

    /// <summary>Breaks the connection without a word, and waits until nothing more is read from it.</summary>
    public async Task BreakAsync()
    {
        _connection!.WebSocket.Abort();
        await _reading;
    }

    /// <summary>Goes on elsewhere while the server believes that this connection is alive: reads nothing more from it.</summary>
    public void Abandon() => SetConnection(null);

    public Task HasAsync(int count) => Eventually.TrueAsync(() => Events.Length >= count, $"{count} events have come");

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ReadAsync(RawClient connection, TaskCompletionSource joined)
    {
        // The official client keeps events that come before the answer, and its old offset, until it has the answer.
        List<(string Event, string Offset)> early = [];
        try
        {
            while (connection.WebSocket.State == WebSocketState.Open)
            {
                var packet = await connection.ReceiveAsync();
                if (!ReferenceEquals(_connection, connection))
                {
                    if (packet.StartsWith("closed", StringComparison.Ordinal))
                    {
                        await connection.WebSocket.CloseOutputAsync(
                            WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
                        return;
                    }

                    continue;
                }

                if (packet == "2")
                {
                    await connection.SendAsync("3");
                }
                else if (packet.StartsWith("40", StringComparison.Ordinal))
                {
                    OnJoined(JsonElement.Parse(packet[2..]));
                    early.ForEach(item => Add(connection, item));
                    early.Clear();
                    joined.SetResult();
                }
                else if (packet.StartsWith("42", StringComparison.Ordinal))
                {
                    var parsed = JsonElement.Parse(packet[2..]).EnumerateArray().Select(static item => item.ToString()).ToArray();
                    var received = (string.Join(' ', parsed[..^1]), parsed[^1]);
                    if (joined.Task.IsCompleted)
                    {
                        Add(connection, received);
                    }
                    else
                    {
                        early.Add(received);
                    }
                }
                else if (packet.StartsWith("closed", StringComparison.Ordinal))
                {
                    _sawClose.TrySetResult();
                    if (AnswersClose)
                    {
                        await CloseAsync();
                    }

                    return;
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or InvalidOperationException)
        {
            // Broken by the test or by the server's end.
        }
    }

    private void OnJoined(JsonElement answer)
    {
        var recoveryId = answer.GetProperty("pid").GetString();
        Recovered = recoveryId == RecoveryId;
        RecoveryId = recoveryId;
        Id = answer.GetProperty("sid").GetString()!;
    }

    private void SetConnection(RawClient? connection)
    {
        lock (_gate)
        {
            _connection = connection;
        }
    }

    /// <summary>Takes an event, unless the client has gone on to another connection: it has told its offset there already.</summary>
    private void Add(RawClient connection, (string Event, string Offset) received)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_connection, connection))
            {
                _events.Add(received.Event);
                Offset = received.Offset;
            }
        }
    }
}
