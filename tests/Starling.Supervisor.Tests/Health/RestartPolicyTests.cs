using Starling.Supervisor.Configuration;
using Starling.Supervisor.Health;

namespace Starling.Supervisor.Tests.Health;

public sealed class RestartPolicyTests
{
    private static readonly AppConfig App = new() { Name = "api", Script = "/a", Cwd = "/" };

    [Fact]
    public void A_process_that_ended_is_started_again()
    {
        var policy = new RestartPolicy(App);
        var decision = policy.Exited(1, null, TimeSpan.FromSeconds(90));
        Assert.Equal(new RestartDecision(RestartAction.Restart, TimeSpan.Zero, "exited with code 1 after 90 s; started again"), decision);
    }

    [Fact]
    public void Stop_codes_end_it_for_good_but_signals_do_not()
    {
        var policy = new RestartPolicy(App with { StopExitCodes = [0, 7] });
        Assert.Equal(RestartAction.Stopped, policy.Exited(0, null, TimeSpan.FromHours(2)).Action);
        Assert.Contains("code 7", policy.Exited(7, null, TimeSpan.Zero).Reason, StringComparison.Ordinal);
        Assert.Equal(RestartAction.Restart, policy.Exited(null, "SIGSEGV", TimeSpan.FromHours(2)).Action);
        Assert.Equal(RestartAction.Restart, policy.Exited(1, null, TimeSpan.FromHours(2)).Action);
    }

    [Fact]
    public void Nothing_is_started_again_without_autorestart() =>
        Assert.Equal(RestartAction.Stopped, new RestartPolicy(App with { AutoRestart = false }).Exited(1, null, TimeSpan.FromSeconds(5)).Action);

    [Fact]
    public void A_process_that_ends_again_and_again_is_given_up()
    {
        var policy = new RestartPolicy(App with { MaxRestarts = 3, MinUptime = TimeSpan.FromSeconds(2) });
        Assert.Equal(RestartAction.Restart, policy.Exited(1, null, TimeSpan.FromSeconds(1.9)).Action);
        Assert.Equal(RestartAction.Restart, policy.Exited(1, null, TimeSpan.Zero).Action);
        var decision = policy.Exited(null, "SIGABRT", TimeSpan.FromMilliseconds(500));
        Assert.Equal(RestartAction.Errored, decision.Action);
        Assert.Equal("ended by SIGABRT after 500 ms; given up after 3 ends in a row within 2 s (max_restarts 3, min_uptime)", decision.Reason);

        // Started by hand after that, it has all its tries again.
        Assert.Equal(RestartAction.Restart, policy.Exited(1, null, TimeSpan.Zero).Action);
    }

    [Fact]
    public void A_stable_life_forgets_unstable_ends()
    {
        var policy = new RestartPolicy(App with { MaxRestarts = 2 });
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(RestartAction.Restart, policy.Exited(1, null, TimeSpan.Zero).Action);
            Assert.Equal(RestartAction.Restart, policy.Exited(1, null, TimeSpan.FromSeconds(1)).Action);
        }

        Assert.Equal(RestartAction.Restart, policy.Exited(1, null, TimeSpan.Zero).Action);
        Assert.Equal(RestartAction.Errored, policy.Exited(1, null, TimeSpan.Zero).Action);
    }

    [Fact]
    public void No_restarts_at_all_are_allowed_by_zero() =>
        Assert.Equal(RestartAction.Errored, new RestartPolicy(App with { MaxRestarts = 0 }).Exited(1, null, TimeSpan.Zero).Action);

    [Fact]
    public void A_fixed_delay_precedes_each_restart() =>
        Assert.Equal(TimeSpan.FromSeconds(4), new RestartPolicy(App with { RestartDelay = TimeSpan.FromSeconds(4) }).Exited(1, null, TimeSpan.FromHours(1)).Delay);

    [Fact]
    public void A_back_off_grows_by_half_to_fifteen_seconds_and_begins_anew_after_half_a_minute()
    {
        var policy = new RestartPolicy(App with { ExpBackoffRestartDelay = TimeSpan.FromMilliseconds(100), MaxRestarts = 100 });
        var delays = Enumerable.Range(0, 16).Select(_ => policy.Exited(1, null, TimeSpan.Zero).Delay.TotalMilliseconds).ToArray();
        Assert.Equal([100, 150, 225, 337, 505, 757, 1135, 1702, 2553, 3829, 5743, 8614, 12921, 15000, 15000, 15000], delays);
        Assert.Equal(15000, policy.Exited(1, null, TimeSpan.FromSeconds(30)).Delay.TotalMilliseconds);
        Assert.Equal(100, policy.Exited(1, null, TimeSpan.FromSeconds(30.1)).Delay.TotalMilliseconds);
        Assert.Equal(150, policy.Exited(1, null, TimeSpan.Zero).Delay.TotalMilliseconds);
    }
}
