using System.Runtime.InteropServices;

namespace Starling.Supervisor.Spawning;

/// <summary>Strings in memory that a C function reads: single ones, and arrays that end in null. Freed together.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly List<nint> _memory = [];

    public byte* Add(string text)
    {
        SpawnErrors.RefuseZero(text);
        var memory = Marshal.StringToCoTaskMemUTF8(text);
        _memory.Add(memory);
        return (byte*)memory;
    }

    public byte** AddArray(IReadOnlyCollection<string> texts)
    {
        var array = (byte**)Marshal.AllocCoTaskMem((texts.Count + 1) * sizeof(nint));
        _memory.Add((nint)array);
        var index = 0;
        foreach (var text in texts)
        {
            array[index++] = Add(text);
        }

        array[index] = null;
        return array;
    }

    public void Dispose() => _memory.ForEach(Marshal.FreeCoTaskMem);
}
