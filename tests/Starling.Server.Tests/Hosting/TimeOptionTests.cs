using Starling.Server.Channels;
using Starling.Server.Channels.Authorization;
using Starling.Server.Sockets;

namespace Starling.Server.Tests.Hosting;

/// <summary>Times that are too long for a timer would end the process long after the start, so the check of the settings names them.</summary>
public sealed class TimeOptionTests
{
    // Not timers, or shortened where they are used.
    private static readonly string[] Unlimited = [nameof(ChannelOptions.MaxHistoryAge), nameof(ChannelOptions.MaxConnectionLifetime)];

    public static TheoryData<string> ChannelTimes => [.. Times(typeof(ChannelOptions)).Except(Unlimited)];

    public static TheoryData<string> SocketTimes => [.. Times(typeof(SocketIOOptions))];

    [Theory]
    [MemberData(nameof(ChannelTimes))]
    public void A_time_of_channels_that_no_timer_takes_is_named(string name)
    {
        foreach (var time in new[] { TimeSpan.MaxValue, TimeSpan.FromDays(50), TimeSpan.FromTicks(-1) })
        {
            var options = new ChannelOptions();
            typeof(ChannelOptions).GetProperty(name)!.SetValue(options, time);
            Assert.Contains(options.Check(), failure => failure.Contains(name, StringComparison.Ordinal));
        }

        Assert.Empty(new ChannelOptions().Check());
    }

    [Theory]
    [MemberData(nameof(SocketTimes))]
    public void A_time_of_sockets_that_no_timer_takes_is_named(string name)
    {
        foreach (var time in new[] { TimeSpan.MaxValue, TimeSpan.FromDays(50), TimeSpan.Zero })
        {
            var options = new SocketIOOptions();
            typeof(SocketIOOptions).GetProperty(name)!.SetValue(options, time);
            Assert.Contains(options.Check(), failure => failure.Contains(name, StringComparison.Ordinal));
        }

        Assert.Empty(new SocketIOOptions().Check());
    }

    [Fact]
    public void The_time_for_which_lost_sockets_are_kept_is_checked_too()
    {
        var options = new SocketIOOptions { ConnectionStateRecovery = new ConnectionStateRecoveryOptions { MaxDisconnectionDuration = TimeSpan.MaxValue } };

        Assert.Contains(options.Check(), failure => failure.Contains(nameof(ConnectionStateRecoveryOptions.MaxDisconnectionDuration), StringComparison.Ordinal));
    }

    [Fact]
    public void The_life_of_a_connection_is_never_longer_than_a_timer_takes()
    {
        var life = ChannelAccess.Anonymous.LifetimeFrom(DateTimeOffset.UtcNow, TimeSpan.MaxValue);

        using var timer = new CancellationTokenSource(life);
        Assert.InRange(life.TotalDays, 40, 50);
    }

    private static IEnumerable<string> Times(Type type) =>
        type.GetProperties().Where(property => property.PropertyType == typeof(TimeSpan) && property.CanWrite).Select(property => property.Name);
}
