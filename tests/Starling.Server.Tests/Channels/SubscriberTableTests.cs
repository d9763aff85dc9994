using Microsoft.Extensions.Logging.Abstractions;
using Starling.Server.Channels;
using Starling.Server.Channels.Authorization;
using Starling.Server.Channels.History;
using Starling.Server.Channels.Subscriptions;

namespace Starling.Server.Tests.Channels;

public sealed class SubscriberTableTests
{
    private readonly PublicationHistory _history = new(new ChannelOptions());
    private readonly SubscriberTable _table;
    private long _offset;

    public SubscriberTableTests() => _table = new SubscriberTable(_history, "https://localhost/hub", NullLogger.Instance);

    [Fact]
    public async Task While_a_pattern_is_compared_subscribers_come_and_go()
    {
        using var entered = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        var slow = Live(new TestMatcher(_ =>
        {
            entered.Set();
            return released.Wait(TimeSpan.FromSeconds(30));
        }));

        var dispatch = Task.Run(() => _table.Dispatch([Publish(isPrivate: false)]));
        Assert.True(entered.Wait(TimeSpan.FromSeconds(30)));
        await Task.Run(() =>
        {
            var other = Live(new TestMatcher(static _ => true));
            _table.Remove(other);
        }).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        released.Set();

        Assert.Equal(1, await dispatch);
        Assert.Equal(1, slow.Taken);
    }

    [Fact]
    public void A_private_update_is_not_compared_with_patterns_of_those_who_may_not_see_it()
    {
        var asked = 0;
        var anonymous = Live(new TestMatcher(_ => ++asked > 0));
        var privileged = Live(new TestMatcher(static _ => true), ChannelAccess.Everything);

        _table.Dispatch([Publish(isPrivate: true)]);
        Assert.Equal((0, 0, 1), (asked, anonymous.Taken, privileged.Taken));
        _table.Dispatch([Publish(isPrivate: false)]);
        Assert.Equal((1, 1, 2), (asked, anonymous.Taken, privileged.Taken));
    }

    [Fact]
    public void A_subscriber_that_throws_costs_the_others_nothing()
    {
        var before = Live(new TestMatcher(static _ => true));
        var faulty = Live(new TestMatcher(static _ => true), throws: true);
        var after = Live(new TestMatcher(static _ => true));

        _table.Dispatch([Publish(isPrivate: false), Publish(isPrivate: false)]);

        Assert.Equal((2, 0, 2), (before.Taken, faulty.Taken, after.Taken));
        Assert.False(faulty.IsLive);
        Assert.Equal((1, 1), (before.Flushed, after.Flushed));
    }

    private TestSubscriber Live(TopicMatcher matcher, ChannelAccess? access = null, bool throws = false)
    {
        var subscriber = new TestSubscriber(matcher, access ?? ChannelAccess.Anonymous, _history.Current, throws) { ScannedThrough = _offset };
        _table.Add(subscriber);
        Assert.True(_table.TryResume(subscriber));
        return subscriber;
    }

    private Publication Publish(bool isPrivate)
    {
        var publication = new Publication(new Update("https://localhost/t", "x") { IsPrivate = isPrivate }, "own", ++_offset, DateTimeOffset.UnixEpoch);
        _history.Append(publication, keepsOwnId: true);
        return publication;
    }

    private sealed class TestSubscriber(TopicMatcher matcher, ChannelAccess access, Cursor cursor, bool throws)
        : Subscriber([matcher], access, cursor, wantsEarliest: false)
    {
        public int Taken { get; private set; }

        public int Flushed { get; private set; }

        public override bool Offer(Publication publication)
        {
            Taken += throws ? throw new InvalidOperationException("The response has ended.") : 1;
            return true;
        }

        public override bool Flush() => ++Flushed > 0;
    }

    private sealed class TestMatcher(Func<string, bool> matches) : TopicMatcher(UrlPatternType, Guid.NewGuid().ToString())
    {
        public override bool Matches(string topic) => matches(topic);
    }
}
