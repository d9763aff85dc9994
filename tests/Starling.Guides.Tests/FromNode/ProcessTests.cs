using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Starling.Messaging;
using Starling.Messaging.NodeIpc;
using Starling.Messaging.Threads;
using Starling.Supervisor.Spawning;

namespace Starling.Guides.Tests.FromNode;

public sealed class ProcessTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public interface IPrimes
    {
        Task<int> CountAsync(int limit);
    }

    [Fact]
    public async Task A_thread_that_computes()
    {
        // begin worker
        await using var worker = WorkerThread.Start("primes", async context =>              // new Worker(…)
        {
            var options = new MessagingOptions { HandlerContext = context.Scheduler };      // handlers run on this thread
            await using var server = await RpcServer.StartAsync("inproc:primes", new RpcServices().Add<IPrimes>(new Primes()), options);
            await Task.Delay(Timeout.Infinite, context.Stopping)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            return 0;                                                                       // the exit code
        });
        await using var client = await RpcClient.ConnectAsync("inproc:primes");
        var count = await client.GetService<IPrimes>().CountAsync(1000);                    // postMessage and the answer
        // end
        Assert.Equal(168, count);
        Assert.Equal(0, await worker.TerminateAsync());
    }

    [Fact]
    public async Task A_thread_that_fails_and_one_that_is_ended()
    {
        // begin exit
        var counter = 0;                                                                    // a SharedArrayBuffer: all memory is shared
        await using var failing = WorkerThread.Start("failing", async _ =>
        {
            await Task.Yield();
            Interlocked.Increment(ref counter);                                             // Atomics.add
            throw new InvalidOperationException("broken");
        });
        var code = await failing.Exit;                                                      // on('exit'): 1
        var error = failing.Error;                                                          // on('error')

        await using var endless = WorkerThread.Start("endless", async context =>
        {
            await Task.Delay(Timeout.Infinite, context.Stopping);
            return 0;
        });
        var terminated = await endless.TerminateAsync();                                    // terminate(): 1, unless it returns a code of its own
        // end
        Assert.Equal((1, "broken", 1, 1), (code, error?.Message, counter, terminated));
    }

    [Fact]
    public async Task Messages_between_threads()
    {
        // begin channel
        var channel = Channel.CreateBounded<int>(1000);                                     // new MessageChannel(), but with a limit
        var consumer = Task.Run(async () =>
        {
            var sum = 0;
            await foreach (var number in channel.Reader.ReadAllAsync(Stop))
            {
                sum += number;
            }

            return sum;
        });
        for (var number = 1; number <= 10_000; number++)
        {
            await channel.Writer.WriteAsync(number, Stop);                                  // waits while the consumer is behind
        }

        channel.Writer.Complete();
        var total = await consumer;
        // end
        Assert.Equal(50_005_000, total);
    }

    [Fact]
    public async Task A_program_with_its_output()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The example uses the programs of Unix.");
        // begin spawn
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(30));                                        // { timeout: 30_000 }
        using var process = Process.Start(new ProcessStartInfo("sort", ["-n"])              // spawn('sort', ['-n']): no shell
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);                // read while it is written to
            await process.StandardInput.WriteAsync("10\n9\n8\n".AsMemory(), limit.Token);
            process.StandardInput.Close();
            Assert.Equal("8\n9\n10\n", await output);
            await process.WaitForExitAsync(limit.Token);
            Assert.Equal(0, process.ExitCode);
        }
        finally
        {
            process.Kill(entireProcessTree: true);                                          // with its children; nothing if it has ended
        }
        // end
    }

    [Fact]
    public async Task Lines_of_a_child_and_the_signal_that_ends_it()
    {
        // begin lines
        using var child = Process.Start(new ProcessStartInfo("sh", ["-c", "echo one; echo two; exec sleep 60"]) { RedirectStandardOutput = true })!;
        var lines = new List<string>();
        while (lines.Count < 2 && await child.StandardOutput.ReadLineAsync(Stop) is { } line)   // child.stdout.on('data'), by lines
        {
            lines.Add(line);
        }

        child.Kill();                                                                       // kill('SIGKILL')
        await child.WaitForExitAsync(Stop);                                                 // on('close')
        var status = child.ExitCode;                                                        // 128 and the signal's number
        // end
        Assert.Equal(["one", "two"], lines);
        Assert.Equal(128 + 9, status);
    }

    [Fact]
    public async Task A_program_run_to_its_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The example uses the programs of Unix.");
        // begin exec
        var result = await ProcessRun.ToEndAsync(                                           // execFile('git', ['--version'], { timeout, maxBuffer })
            new SpawnOptions { FileName = "git", Arguments = ["--version"], WorkingDirectory = "/" },
            new RunOptions { Timeout = TimeSpan.FromSeconds(30), MaxOutputBytes = 1 << 20, KillSignal = "SIGTERM" },
            Stop);
        var version = result.OutputText;                                                    // stdout
        var status = result.Status;                                                         // code or signal, exactly
        // end
        Assert.StartsWith("git version", version, StringComparison.Ordinal);
        Assert.True(status.IsSuccess);
    }

    [Fact]
    public async Task A_child_of_Node_with_its_channel()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The channel needs Unix sockets that carry descriptors.");
        var script = Path.Combine(Directory.CreateTempSubdirectory("starling-guide-").FullName, "echo.js");
        await File.WriteAllTextAsync(script, "process.on('message', message => { process.send(message + '!'); process.disconnect(); });", Stop);
        ChildProcess child;
        // begin fork
        var (channel, theirs) = NodeChannel.CreatePair();
        using (theirs)
        {
            child = ProcessSpawner.Spawn(new SpawnOptions                                   // fork('echo.js')
            {
                FileName = "node",
                Arguments = [script],
                Environment = new Dictionary<string, string>
                {
                    ["PATH"] = Environment.GetEnvironmentVariable("PATH")!,
                    ["NODE_CHANNEL_FD"] = "3",
                    ["NODE_CHANNEL_SERIALIZATION_MODE"] = "json",
                },
                Descriptors = new Dictionary<int, SafeHandle> { [3] = theirs },
            });
        }

        await using var closing = channel;
        channel.Start();
        await channel.SendAsync("hello", Stop);                                             // child.send('hello')
        var answer = await channel.Messages.ReadAsync(Stop);                                // child.on('message')
        // end
        Assert.True(answer.Is("hello!"));
        Assert.True((await child.Exited.WaitAsync(TimeSpan.FromSeconds(30), Stop)).IsSuccess);
        child.Dispose();
        Directory.Delete(Path.GetDirectoryName(script)!, recursive: true);
    }

    private sealed class Primes : IPrimes
    {
        public Task<int> CountAsync(int limit) =>
            Task.FromResult(Enumerable.Range(2, limit - 2).Count(number => Enumerable.Range(2, (int)Math.Sqrt(number) - 1).All(divisor => number % divisor != 0)));
    }
}
