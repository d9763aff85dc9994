using System.Threading.Channels;

namespace Starling.Apps.Exchange.Client.Terminal;

/// <summary>Keys as they are pressed. Reads on a thread of its own, which lasts until the process ends: a wait for a key cannot be ended.</summary>
internal sealed class Keyboard
{
    private readonly Channel<ConsoleKeyInfo> _keys = Channel.CreateBounded<ConsoleKeyInfo>(10_000);

    public Keyboard(Action pressed)
    {
        new Thread(() => Read(pressed)) { IsBackground = true, Name = "keyboard" }.Start();
    }

    /// <summary>Whether the terminal is gone.</summary>
    public bool IsClosed => _keys.Reader.Completion.IsCompleted;

    public bool TryRead(out ConsoleKeyInfo key) => _keys.Reader.TryRead(out key);

    private void Read(Action pressed)
    {
        try
        {
            while (true)
            {
                // Waits where many lines are pasted at once: an order that lost a digit would be another order.
                var key = Console.ReadKey(intercept: true);
                while (!_keys.Writer.TryWrite(key))
                {
                    _keys.Writer.WaitToWriteAsync().AsTask().GetAwaiter().GetResult();
                }

                pressed();
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException)
        {
            _keys.Writer.Complete();
            pressed();
        }
    }
}
