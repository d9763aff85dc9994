using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Starling.Protocol.MoldUdp64;

namespace Starling.Messaging.Multicast;

/// <summary>
/// Publishes a feed: numbered messages by UDP multicast in the format of MoldUDP64, and the recent ones again over TCP in that of SoupBinTCP
/// for subscribers that missed some. Thread-safe.
/// </summary>
public sealed class MulticastPublisher : IAsyncDisposable
{
    private const int Farewells = 5;

    private static readonly TimeSpan LogPause = TimeSpan.FromMinutes(1);

    private readonly MulticastFeedOptions _options;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly FeedHistory _history;
    private readonly RecoveryServer _recovery;
    private readonly Func<ReadOnlyMemory<byte>, ValueTask> _send;
    private readonly Socket _socket;
    private readonly CancellationTokenSource _closing = new();
    private readonly byte[] _packet;
    private readonly Task _heartbeats;
    private long _lastSent;
    private long? _lastFailure;

    private MulticastPublisher(MulticastFeedOptions options, Func<ReadOnlyMemory<byte>, bool>? loses)
    {
        _options = options;
        _log = options.LoggerFactory.CreateLogger<MulticastPublisher>();
        Session = ToSession(options.TimeProvider.GetUtcNow());
        _history = new FeedHistory(options.HistoryMessages, options.HistoryBytes);
        _packet = new byte[options.MaxDatagramBytes];
        _socket = FeedSockets.CreateSender(options);
        var group = new IPEndPoint(options.Group, options.Port);
        _send = async datagram =>
        {
            if (loses?.Invoke(datagram) != true)
            {
                await _socket.SendToAsync(datagram, group);
            }
        };
        try
        {
            _recovery = new RecoveryServer(options, Session, _history);
        }
        catch (SocketException)
        {
            _socket.Dispose();
            throw;
        }

        _heartbeats = SendHeartbeatsAsync();
    }

    /// <summary>Names this life of the publisher: ten characters.</summary>
    public string Session { get; }

    /// <summary>Where it answers for what was missed, with the port that the system chose.</summary>
    public IPEndPoint Recovery => _recovery.EndPoint;

    /// <summary>Starts a feed.</summary>
    /// <param name="options">Where and how.</param>
    /// <exception cref="ArgumentException">The group is no multicast address of IPv4, it has no port, or the interface is none of IPv4.</exception>
    /// <exception cref="SocketException">The network or the port for recovery cannot be used.</exception>
    public static MulticastPublisher Start(MulticastFeedOptions options) => Start(options, loses: null);

    /// <summary>Publishes a message. One that the network does not take is logged now and then, and subscribers fetch it when they see the gap.</summary>
    /// <param name="message">Its content; copied.</param>
    /// <param name="cancellationToken">Ends the wait for earlier ones.</param>
    /// <returns>Its number.</returns>
    /// <exception cref="ArgumentException">It is too long for a datagram.</exception>
    /// <exception cref="ObjectDisposedException">The publisher has ended.</exception>
    public async ValueTask<long> PublishAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default)
    {
        var length = MoldUdp64Header.Length + 2 + message.Length;
        if (length > _options.MaxDatagramBytes)
        {
            throw new ArgumentException($"A message of {message.Length} bytes does not fit into a datagram of {_options.MaxDatagramBytes}.", nameof(message));
        }

        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var number = _history.Add(message.ToArray());
            new MoldUdp64Header(Session, number, 1).Write(_packet);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(MoldUdp64Header.Length), (ushort)message.Length);
            message.CopyTo(_packet.AsMemory(MoldUdp64Header.Length + 2));
            _lastSent = _options.TimeProvider.GetTimestamp();

            // What is numbered goes out, whoever stops waiting.
            await SendAsync(length);
            return number;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Says that no more comes, several times within a heartbeat interval, and ends; until then what was missed can be fetched.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        await _closing.CancelAsync();
        await _heartbeats;
        for (var i = 0; i < Farewells; i++)
        {
            // One alone may be lost, and with it what the subscriber does not know that it missed.
            await SendHeaderAsync(MoldUdp64Header.EndOfSession);
            await Task.Delay(_options.HeartbeatInterval / Farewells, _options.TimeProvider);
        }

        await _recovery.DisposeAsync();
        _socket.Dispose();
    }

    /// <param name="options">Where and how.</param>
    /// <param name="loses">Decides which datagrams the network loses, for tests.</param>
    internal static MulticastPublisher Start(MulticastFeedOptions options, Func<ReadOnlyMemory<byte>, bool>? loses)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new MulticastPublisher(options.Checked(), loses);
    }

    /// <summary>The start in milliseconds, in base 36: unlike any earlier one, and short enough.</summary>
    private static string ToSession(DateTimeOffset now)
    {
        const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        var text = "";
        for (var rest = now.ToUnixTimeMilliseconds(); rest > 0; rest /= 36)
        {
            text = Digits[(int)(rest % 36)].ToString(CultureInfo.InvariantCulture) + text;
        }

        return text.PadLeft(MoldUdp64Header.SessionLength, '0');
    }

    private async Task SendHeartbeatsAsync()
    {
        using var timer = new PeriodicTimer(_options.HeartbeatInterval, _options.TimeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(_closing.Token))
            {
                if (_options.TimeProvider.GetElapsedTime(_lastSent) >= _options.HeartbeatInterval * 0.9)
                {
                    await SendHeaderAsync(count: 0);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It is closed.
        }
    }

    private async Task SendHeaderAsync(int count)
    {
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            new MoldUdp64Header(Session, _history.Next, count).Write(_packet);
            await SendAsync(MoldUdp64Header.Length);
        }
        finally
        {
            _turn.Release();
        }
    }

    // The history has what the network does not take.
    private async ValueTask SendAsync(int length)
    {
        try
        {
            await _send(_packet.AsMemory(0, length));
        }
        catch (SocketException exception)
        {
            if (_lastFailure is not { } last || _options.TimeProvider.GetElapsedTime(last) >= LogPause)
            {
                _lastFailure = _options.TimeProvider.GetTimestamp();
                FeedLog.NotSent(_log, _options.Group, _options.Port, exception.Message);
            }
        }
    }
}
