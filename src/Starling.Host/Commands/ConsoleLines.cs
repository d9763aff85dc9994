using System.Threading.Channels;

namespace Starling.Host.Commands;

/// <summary>
/// Lines of the standard input. The console reads synchronously whatever one asks of it, and cannot be interrupted; so one thread of its own reads, and a command
/// that waits for a line ends when it is told to.
/// </summary>
internal static class ConsoleLines
{
    private const int MaxWaiting = 256;

    /// <summary>Begins to read. Called once in a run.</summary>
    public static ChannelReader<string> Read()
    {
        var lines = Channel.CreateBounded<string>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true, SingleWriter = true });
        new Thread(() => Run(lines.Writer)) { IsBackground = true, Name = "standard input" }.Start();
        return lines.Reader;
    }

    /// <summary>
    /// What the end of the input means: at a terminal (Ctrl+D) the end of the program, as in a shell; a program without a terminal goes on, and says so.
    /// </summary>
    /// <param name="name">What goes on.</param>
    /// <returns>Whether to go on.</returns>
    public static bool GoOnWithoutInput(string name)
    {
        if (!Console.IsInputRedirected)
        {
            return false;
        }

        Console.WriteLine($"The input has ended; the {name} goes on. Ctrl+C, or SIGTERM, ends it.");
        return true;
    }

    private static void Run(ChannelWriter<string> lines)
    {
        try
        {
            while (Console.In.ReadLine() is { } line)
            {
                while (!lines.TryWrite(line))
                {
                    lines.WaitToWriteAsync().AsTask().GetAwaiter().GetResult();
                }
            }

            lines.Complete();
        }
        catch (IOException exception)
        {
            lines.Complete(exception);
        }
    }
}
