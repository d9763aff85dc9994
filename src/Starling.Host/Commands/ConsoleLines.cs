using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;

namespace Starling.Host.Commands;

/// <summary>
/// Lines of the standard input. The console reads synchronously whatever one asks of it, and cannot be interrupted; so one thread of its own reads, and a command
/// that waits for a line ends when it is told to.
/// </summary>
/// <remarks>
/// A terminal of Unix is read as it is, line by line. <see cref="Console.In"/> would take it out of that mode while it reads, and child processes put it back: an
/// end (Ctrl+D) that is typed before such a change is no end after it, and the program would not hear of it.
/// </remarks>
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
            var input = Open();
            while (input.ReadLine() is { } line)
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

    private static TextReader Open() => Console.IsInputRedirected || OperatingSystem.IsWindows()
        ? Console.In
        : new StreamReader(new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0), Console.InputEncoding);
}
