using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Starling.Supervisor.Spawning;

/// <summary>Which descriptors a new process gets. Holds those of this process for as long as the start takes.</summary>
internal sealed unsafe class SpawnPlan(SpawnOptions options) : IDisposable
{
    private readonly List<(int Number, SafeHandle Handle)> _passed = [];
    private readonly List<(int Number, string Path, int Flags)> _opened = [];
    private readonly List<SafeHandle> _referenced = [];
    private readonly List<SafeFileHandle> _theirEnds = [];
    private readonly Stream?[] _streams = new Stream?[3];

    public void Connect(int number, StandardStream target)
    {
        switch (target)
        {
            case StandardStream.Ignored:
                _opened.Add((number, "/dev/null", number == 0 ? Libc.OpenReadOnly : Libc.OpenReadWrite));
                break;
            case StandardStream.ToFile file:
                _opened.Add((number, file.Path, number == 0 ? Libc.OpenReadOnly : file.Truncate ? Libc.OpenTruncate : Libc.OpenAppend));
                break;
            case StandardStream.ToDescriptor descriptor:
                Pass(number, descriptor.Handle);
                break;
            case StandardStream.Piped:
                var (read, write) = DescriptorPipe.Create();
                var (theirs, ours) = number == 0 ? (read, write) : (write, read);
                _theirEnds.Add(theirs);
                _streams[number] = DescriptorPipe.OpenStream(ours, number == 0 ? FileAccess.Write : FileAccess.Read);
                Pass(number, theirs);
                break;
            default:
                break;
        }
    }

    public void Pass(int number, SafeHandle handle)
    {
        var isReferenced = false;
        try
        {
            handle.DangerousAddRef(ref isReferenced);
        }
        catch (ObjectDisposedException exception)
        {
            throw new SpawnException($"{options.FileName} cannot be given descriptor {number}: it is closed.", exception);
        }

        _referenced.Add(handle);
        _passed.Add((number, handle));
    }

    public void AddActions(void* actions, NativeStrings strings)
    {
        // A target may be the source of another one, so all go first to numbers that are neither, whatever else they were: what this process has there is closed in
        // the child anyway. dup2 of a number onto itself would leave it closed on exec.
        var taken = _passed.Select(passed => passed.Number).Concat(_passed.Select(passed => (int)passed.Handle.DangerousGetHandle())).ToHashSet();
        int[] staging = [.. Enumerable.Range(3, taken.Count + _passed.Count).Where(number => !taken.Contains(number)).Take(_passed.Count)];
        for (var i = 0; i < _passed.Count; i++)
        {
            _ = Libc.posix_spawn_file_actions_adddup2(actions, (int)_passed[i].Handle.DangerousGetHandle(), staging[i]);
        }

        for (var i = 0; i < _passed.Count; i++)
        {
            _ = Libc.posix_spawn_file_actions_adddup2(actions, staging[i], _passed[i].Number);
            _ = Libc.posix_spawn_file_actions_addclose(actions, staging[i]);
        }

        foreach (var (number, path, flags) in _opened)
        {
            const uint Mode = 0b110_100_000;
            _ = Libc.posix_spawn_file_actions_addopen(actions, number, strings.Add(path), flags, Mode);
        }

        foreach (var number in InheritedByChance())
        {
            _ = Libc.posix_spawn_file_actions_addclose(actions, number);
        }
    }

    /// <summary>What .NET opens stays in this process; what this process was itself started with would reach all that it starts.</summary>
    private IEnumerable<int> InheritedByChance()
    {
        const string Folder = "/proc/self/fd";
        if (!Directory.Exists(Folder))
        {
            yield break;
        }

        foreach (var path in Directory.EnumerateFiles(Folder))
        {
            var number = int.Parse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture);
            if (number > 2 && _passed.TrueForAll(passed => passed.Number != number) && Libc.fcntl(number, Libc.GetDescriptorFlags, 0) == 0)
            {
                yield return number;
            }
        }
    }

    public Stream? TakeStream(int number)
    {
        var stream = _streams[number];
        _streams[number] = null;
        return stream;
    }

    public void Dispose()
    {
        _referenced.ForEach(handle => handle.DangerousRelease());
        _theirEnds.ForEach(handle => handle.Dispose());
        foreach (var stream in _streams)
        {
            stream?.Dispose();
        }
    }
}
