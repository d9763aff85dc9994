using System.Threading.Channels;

namespace Starling.Guides.Tests.FromNode;

public sealed class EventsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // begin emitter
    public sealed class Thermometer
    {
        public event Action<double>? Changed;                     // on('changed'), with a type

        public void Measure(double degrees) => Changed?.Invoke(degrees);
    }
    // end

    [Fact]
    public void On_and_off()
    {
        var seen = new List<double>();
        // begin on
        var thermometer = new Thermometer();
        Action<double> log = degrees => seen.Add(degrees);
        thermometer.Changed += log;                               // on
        thermometer.Measure(20.5);
        thermometer.Changed -= log;                               // off
        // end
        thermometer.Measure(21);
        Assert.Equal([20.5], seen);
    }

    [Fact]
    public void A_handler_that_fails()
    {
        var seen = new List<double>();
        var errors = new List<string>();
        Action<double>? changed = null;
        changed += _ => throw new InvalidOperationException("broken");
        changed += seen.Add;
        // begin isolate
        foreach (var handler in Delegate.EnumerateInvocationList(changed))          // listeners('changed')
        {
            try
            {
                handler(20.5);
            }
            catch (Exception e)
            {
                errors.Add(e.Message);                                            // emit('error', e): nothing ends the process here
            }
        }
        // end
        Assert.Equal([20.5], seen);
        Assert.Equal(["broken"], errors);
    }

    [Fact]
    public async Task Once()
    {
        var thermometer = new Thermometer();
        // begin once
        var first = new TaskCompletionSource<double>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Take(double degrees)
        {
            thermometer.Changed -= Take;
            first.TrySetResult(degrees);
        }

        thermometer.Changed += Take;
        thermometer.Measure(19);
        var degrees = await first.Task.WaitAsync(TimeSpan.FromSeconds(5), Stop);   // await once(emitter, 'changed')
        // end
        Assert.Equal(19, degrees);
    }

    [Fact]
    public async Task Events_as_a_sequence()
    {
        var thermometer = new Thermometer();
        var seen = new List<double>();
        // begin sequence
        var queue = Channel.CreateBounded<double>(new BoundedChannelOptions(100) { FullMode = BoundedChannelFullMode.DropOldest });
        thermometer.Changed += degrees => queue.Writer.TryWrite(degrees);
        thermometer.Measure(1);
        thermometer.Measure(2);
        queue.Writer.Complete();
        await foreach (var degrees in queue.Reader.ReadAllAsync(Stop))             // for await (… of on(emitter, 'changed'))
        {
            seen.Add(degrees);
        }
        // end
        Assert.Equal([1, 2], seen);
    }
}
