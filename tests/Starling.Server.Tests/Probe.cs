using System.Collections.Concurrent;

namespace Starling.Server.Tests;

/// <summary>Notes in which order things happen.</summary>
internal sealed class Probe
{
    private readonly ConcurrentQueue<string> _notes = new();

    public string Text => string.Join(' ', _notes);

    public void Add(string note) => _notes.Enqueue(note);

    public Task HasAsync(string text) => Eventually.TrueAsync(() => Text == text, $"\"{text}\", but \"{Text}\"");
}

/// <summary>A scoped service that notes when it is made and when it is disposed.</summary>
internal sealed class ScopedProbe : IAsyncDisposable
{
    private readonly Probe _probe;

    public ScopedProbe(Probe probe)
    {
        _probe = probe;
        _probe.Add("made");
    }

    public bool IsDisposed { get; private set; }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        _probe.Add("disposed");
        return ValueTask.CompletedTask;
    }
}
