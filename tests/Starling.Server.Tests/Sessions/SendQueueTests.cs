using System.IO.Pipelines;
using Starling.Server.Sessions;

namespace Starling.Server.Tests.Sessions;

public sealed class SendQueueTests
{
    [Fact]
    public async Task What_a_slow_reader_is_sent_waits_within_the_limit_and_arrives_whole_and_in_order()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 100, resumeWriterThreshold: 50, useSynchronizationContext: false));
        var queue = new SendQueue(pipe.Writer, maxBacklog: 1_000);
        var expected = new List<byte>();
        var next = 0;
        SendStatus Write(int length)
        {
            var bytes = Enumerable.Range(next, length).Select(static i => (byte)i).ToArray();
            var status = queue.Write(bytes);
            if (status == SendStatus.Sent)
            {
                expected.AddRange(bytes);
                next += length;
            }

            return status;
        }

        Assert.Equal(SendStatus.Sent, Write(150));
        Assert.False(queue.IsWritable);
        Assert.Equal(SendStatus.Sent, Write(600));
        Assert.Equal(SendStatus.Full, Write(600));
        Assert.Equal(SendStatus.Sent, Write(400));
        var room = queue.WaitForRoomAsync(TestContext.Current.CancellationToken);
        Assert.False(room.IsCompleted);

        var received = new List<byte>();
        while (received.Count < expected.Count)
        {
            var result = await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken);
            foreach (var segment in result.Buffer)
            {
                received.AddRange(segment.Span);
            }

            pipe.Reader.AdvanceTo(result.Buffer.End);
        }

        Assert.Equal(expected, received);
        await room;
        Assert.True(queue.IsWritable);
    }

    [Fact]
    public async Task Corked_writes_leave_together()
    {
        var pipe = new Pipe();
        var queue = new SendQueue(pipe.Writer, maxBacklog: 1_000);
        queue.Cork();
        queue.Write([1]);
        queue.Write([2]);
        Assert.False(pipe.Reader.TryRead(out _));
        queue.Uncork();
        Assert.Equal(2, (await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken)).Buffer.Length);
    }

    [Fact]
    public void A_closed_queue_takes_nothing()
    {
        var queue = new SendQueue(new Pipe().Writer, maxBacklog: 1_000);
        queue.Close();
        Assert.Equal(SendStatus.Closed, queue.Write([1]));
    }

    [Fact]
    public async Task With_a_flush_queue_writes_are_flushed_soon_and_corked_ones_at_once()
    {
        var pipe = new Pipe();
        var queue = new SendQueue(pipe.Writer, maxBacklog: 1_000, new FlushQueue());
        for (byte i = 0; i < 100; i++)
        {
            Assert.Equal(SendStatus.Sent, queue.Write([i]));
            var read = await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken);
            Assert.Equal(i, read.Buffer.FirstSpan[0]);
            pipe.Reader.AdvanceTo(read.Buffer.End);
        }

        queue.Cork();
        queue.Write([7]);
        Assert.False(pipe.Reader.TryRead(out _));
        queue.Uncork();
        Assert.True(pipe.Reader.TryRead(out var corked));
        Assert.Equal(7, corked.Buffer.FirstSpan[0]);
    }
}
