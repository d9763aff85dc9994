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
    public async Task One_message_larger_than_the_limit_waits_and_small_ones_behind_it()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 100, resumeWriterThreshold: 50, useSynchronizationContext: false));
        var queue = new SendQueue(pipe.Writer, maxBacklog: 1_000);
        Assert.Equal(SendStatus.Sent, queue.Write(new byte[150]));
        Assert.Equal(SendStatus.Sent, queue.Write(new byte[40]));
        Assert.Equal(SendStatus.Sent, queue.Write(new byte[5_000]));
        Assert.Equal(SendStatus.Full, queue.Write(new byte[5_000]));
        Assert.Equal(SendStatus.Sent, queue.Write(new byte[960]));
        Assert.Equal(SendStatus.Full, queue.Write(new byte[1]));
        var left = 150 + 40 + 5_000 + 960;
        while (left > 0)
        {
            var result = await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken);
            left -= (int)result.Buffer.Length;
            pipe.Reader.AdvanceTo(result.Buffer.End);
        }

        await queue.WaitForRoomAsync(TestContext.Current.CancellationToken);
        Assert.Equal(SendStatus.Sent, queue.Write(new byte[5_000]));
    }

    [Fact]
    public void Random_bursts_that_nobody_reads_stay_within_the_limit_at_every_moment()
    {
        const int Limit = 100_000;
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 10_000, resumeWriterThreshold: 5_000, useSynchronizationContext: false));
            var queue = new SendQueue(pipe.Writer, Limit);
            var largest = 0;
            var sent = 0L;
            for (var i = 0; i < 300; i++)
            {
                switch (random.Next(10))
                {
                    case 0:
                        queue.Cork();
                        break;
                    case 1:
                        queue.Uncork();
                        break;
                    default:
                        var bytes = new byte[random.Next(10) == 0 ? random.Next(2 * Limit) : random.Next(3_000)];
                        if (queue.Write(bytes) == SendStatus.Sent)
                        {
                            largest = Math.Max(largest, bytes.Length);
                            sent += bytes.Length;
                        }

                        break;
                }

                // Nothing is read, so that all bytes that were taken are held: in the backlog, or in the pipe, which has a chunk and a message.
                Assert.True(
                    sent <= Limit + largest + largest + SendQueue.FlushChunk, $"seed {seed}: {sent} bytes are held, the largest message has {largest}");
                Assert.InRange(queue.Backlog, 0, Limit + largest);
            }
        }
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
        var queue = new SendQueue(pipe.Writer, maxBacklog: 1_000, FlushQueue.Create(1)[0]);
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
