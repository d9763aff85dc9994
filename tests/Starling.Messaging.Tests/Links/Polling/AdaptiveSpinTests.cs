using System.Diagnostics;
using Starling.Messaging.Links.Polling;

namespace Starling.Messaging.Tests.Links.Polling;

public class AdaptiveSpinTests
{
    private const int Many = 200_000;

    [Fact]
    public void Looks_where_that_gets_more_done()
    {
        var spin = new Simulation();
        Assert.InRange(spin.Run(Many, asleep: 50, looking: 10), Many * 0.97, Many);
    }

    [Theory]
    [InlineData(50, 50)]
    [InlineData(50, 100)]
    [InlineData(10, 9)]
    public void Sleeps_where_looking_gains_nothing(int asleep, int looking)
    {
        var spin = new Simulation();
        Assert.InRange(spin.Run(Many, asleep, looking), 1, Many * 0.03);
    }

    [Fact]
    public void Sleeps_where_a_look_mostly_finds_nothing()
    {
        var spin = new Simulation { FoundOfHundred = 40 };
        Assert.InRange(spin.Run(Many, asleep: 50, looking: 10), 1, Many * 0.03);
    }

    [Theory]
    [InlineData(25, 15, true)]
    [InlineData(25, 25, false)]
    [InlineData(10, 40, true)]
    public void Looks_where_it_gains_more_in_time_than_it_costs_in_work(int looking, int work, bool isWorthwhile)
    {
        var spin = new Simulation { Work = work };
        var looks = spin.Run(Many, asleep: 50, looking);
        Assert.InRange(looks, isWorthwhile ? Many * 0.97 : 1, isWorthwhile ? Many : Many * 0.03);
    }

    [Fact]
    public void Never_looks_where_little_is_to_be_done()
    {
        var spin = new Simulation();
        Assert.Equal(0, spin.Run(Many, asleep: 1000, looking: 10));
    }

    [Fact]
    public void One_long_wait_among_short_ones_changes_nothing()
    {
        var spin = new Simulation();
        spin.Run(Many, asleep: 50, looking: 10);
        spin.Run(1, asleep: 5_000_000, looking: 5_000_000);
        Assert.InRange(spin.Run(Many, asleep: 50, looking: 10), Many * 0.97, Many);
    }

    [Fact]
    public void Sleeps_again_when_the_processor_is_needed_elsewhere()
    {
        var spin = new Simulation();
        spin.Run(Many, asleep: 50, looking: 10);
        Assert.InRange(spin.Run(Many, asleep: 50, looking: 90), 1, Many * 0.03);
        Assert.InRange(spin.Run(Many, asleep: 50, looking: 10), Many * 0.9, Many);
    }

    [Fact]
    public void Sleeps_again_when_sleeping_has_become_as_quick()
    {
        var spin = new Simulation();
        spin.Run(Many, asleep: 50, looking: 10);
        spin.Run(Many, asleep: 8, looking: 10);
        Assert.InRange(spin.Run(Many, asleep: 8, looking: 10), 1, Many * 0.03);
    }

    /// <summary>A peer that takes one time when it is waited for asleep, and another when it is looked for.</summary>
    private sealed class Simulation
    {
        private AdaptiveSpin _spin = new();
        private long _now = Stopwatch.GetTimestamp();
        private long _work;
        private int _waits;

        /// <summary>How many looks of a hundred find something.</summary>
        public int FoundOfHundred { get; init; } = 100;

        /// <summary>What a look costs in processor time, where a sleep costs 10.</summary>
        public int Work { get; init; } = 10;

        /// <param name="waits">How many waits.</param>
        /// <param name="asleep">Microseconds from one to the next after a sleep.</param>
        /// <param name="looking">Microseconds from one to the next after a look.</param>
        /// <returns>Before how many was looked.</returns>
        public int Run(int waits, int asleep, int looking)
        {
            var looks = 0;
            for (var i = 0; i < waits; i++)
            {
                var isOn = _spin.IsOn;
                looks += isOn ? 1 : 0;
                _now += (isOn ? looking : asleep) * (Stopwatch.Frequency / 1_000_000);
                _work += isOn ? Work : 10;
                if (_spin.OnWaited(_now, isOn && _waits++ % 100 < FoundOfHundred))
                {
                    _spin.Judge(_work);
                }
            }

            return looks;
        }
    }
}
