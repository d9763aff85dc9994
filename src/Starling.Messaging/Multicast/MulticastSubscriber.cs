using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Starling.Protocol.MoldUdp64;

namespace Starling.Messaging.Multicast;

/// <summary>
/// Receives a feed: every message once and in order. What the network lost is asked for over TCP before anything later is handed on; what is
/// lost for good is counted on the next message. Any number of subscribers may run on one machine.
/// </summary>
public sealed class MulticastSubscriber : IDisposable
{
    private readonly MulticastFeedOptions _options;
    private readonly ILogger _log;
    private readonly Socket _socket;
    private readonly FollowedSession _session;
    private long _next;
    private long _lost;
    private long _recovered;
    private long _lostForGood;
    private long _heard;
    private long _passedOver;
    private bool _isOtherKnown;
    private bool _isForgeryKnown;
    private long? _checkedAt;

    private MulticastSubscriber(MulticastFeedOptions options)
    {
        _options = options;
        _log = options.LoggerFactory.CreateLogger<MulticastSubscriber>();
        _session = new FollowedSession(options);
        _socket = FeedSockets.CreateReceiver(options);
    }

    /// <summary>How long ago the publisher was heard, if only by its heartbeat; null before the first time.</summary>
    public TimeSpan? Silence => Volatile.Read(ref _heard) is var heard and not 0 ? _options.TimeProvider.GetElapsedTime(heard) : null;

    /// <summary>How many messages that the network lost were fetched over TCP.</summary>
    public long Recovered => Volatile.Read(ref _recovered);

    /// <summary>How many messages are lost for good.</summary>
    public long Lost => Volatile.Read(ref _lostForGood);

    /// <summary>How many datagrams came to the same group and port of sessions that are not followed, or with numbers that the publisher denies.</summary>
    public long PassedOver => Volatile.Read(ref _passedOver);

    /// <summary>Joins the group. Messages from now on are kept, within <see cref="MulticastFeedOptions.ReceiveBufferBytes"/>, until they are read.</summary>
    /// <param name="options">Where the feed is.</param>
    /// <exception cref="ArgumentException">The group is no multicast address of IPv4, it has no port, or the interface is none of IPv4.</exception>
    /// <exception cref="SocketException">The network cannot be used.</exception>
    public static MulticastSubscriber Join(MulticastFeedOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new MulticastSubscriber(options.Checked());
    }

    /// <summary>
    /// Reads the feed; one reader at a time. It ends when the publisher says that no more comes; read again, it follows the next session. One that falls silent is followed by
    /// another that is heard: <see cref="MulticastFeedOptions.SilenceLimit"/>.
    /// </summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<FeedMessage> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var packet = new byte[ushort.MaxValue];
        while (true)
        {
            var length = await _socket.ReceiveAsync(packet, cancellationToken);

            // Whatever else comes to the port is not ours.
            if (!MoldUdp64Header.TryRead(packet.AsSpan(0, length), out var header))
            {
                continue;
            }

            if (!Follow(header))
            {
                continue;
            }

            Volatile.Write(ref _heard, _options.TimeProvider.GetTimestamp());
            if (header.Sequence < _next && header.Sequence + header.Count <= _next)
            {
                await CheckPositionAsync(header.Sequence, cancellationToken);
            }

            if (header.Sequence > _next)
            {
                var recovered = await RecoveryClient.FetchAsync(_options, header.Session, _next, header.Sequence, cancellationToken);
                CountLostUpTo(recovered.First);
                Volatile.Write(ref _recovered, _recovered + recovered.Messages.Count);
                foreach (var data in recovered.Messages)
                {
                    yield return Next(data);
                }

                if (recovered.IsDenied)
                {
                    Refuse(header);
                    continue;
                }

                CountLostUpTo(header.Sequence);
            }

            if (header.Count == MoldUdp64Header.EndOfSession)
            {
                _session.End();
                yield break;
            }

            foreach (var data in Messages(packet.AsSpan(MoldUdp64Header.Length, length - MoldUdp64Header.Length), header))
            {
                yield return Next(data);
            }
        }
    }

    /// <summary>Leaves the group.</summary>
    public void Dispose() => _socket.Dispose();

    private void CountLostUpTo(long sequence)
    {
        var lost = sequence - _next;
        _lost += lost;
        Volatile.Write(ref _lostForGood, _lostForGood + lost);
        _next = sequence;
    }

    /// <summary>Anybody in the network can send a datagram; what the publisher has published, it says by TCP.</summary>
    private void Refuse(in MoldUdp64Header header)
    {
        Volatile.Write(ref _passedOver, _passedOver + 1);
        if (!_isForgeryKnown)
        {
            _isForgeryKnown = true;
            FeedLog.ForgedNumber(_log, header.Sequence, header.Session, _options.Group, _options.Port, _next);
        }
    }

    /// <summary>
    /// A datagram from before the position is a repetition as a rule; or the position is not the publisher's, since a forged datagram was the first
    /// that was heard, or nobody could be asked about it. The publisher is asked, once within the limit of silence.
    /// </summary>
    private async ValueTask CheckPositionAsync(long sequence, CancellationToken cancellationToken)
    {
        if (_checkedAt is { } last && _options.TimeProvider.GetElapsedTime(last) < _options.SilenceLimit)
        {
            return;
        }

        _checkedAt = _options.TimeProvider.GetTimestamp();
        if (await RecoveryClient.FetchNextAsync(_options, _session.Name!, cancellationToken) is { } next && next < _next && sequence <= next)
        {
            FeedLog.PositionCorrected(_log, _next, _session.Name!, sequence);
            (_next, _lost) = (sequence, 0);
        }
    }

    /// <summary>Those messages of a datagram that are new.</summary>
    private List<byte[]> Messages(ReadOnlySpan<byte> messages, in MoldUdp64Header header)
    {
        List<byte[]> found = [];
        var number = header.Sequence;
        for (var i = 0; i < header.Count && MoldUdp64Header.TryReadMessage(ref messages, out var message); i++)
        {
            if (number++ >= _next)
            {
                found.Add(message.ToArray());
            }
        }

        return found;
    }

    private FeedMessage Next(ReadOnlyMemory<byte> data)
    {
        var message = new FeedMessage(_session.Name!, _next++, data, _lost);
        _lost = 0;
        return message;
    }

    /// <summary>A publisher that has started again begins at 1; of the first one that is met the past may not matter.</summary>
    /// <returns>Whether the datagram is one of the followed session.</returns>
    private bool Follow(in MoldUdp64Header header)
    {
        var isFirst = _session.Name is null;
        if (_session.Takes(header.Session, out var isNew))
        {
            if (isNew)
            {
                _next = isFirst && !_options.FromStart ? header.Sequence : 1;
                _isOtherKnown = false;
            }

            return true;
        }

        // An ended session goes on saying so for a while.
        if (header.Session != _session.Name)
        {
            Volatile.Write(ref _passedOver, _passedOver + 1);
            if (!_isOtherKnown)
            {
                _isOtherKnown = true;
                FeedLog.OtherSession(_log, header.Session, _options.Group, _options.Port, _session.Name ?? _options.Session!);
            }
        }

        return false;
    }
}
