using System.Collections;
using System.Runtime.InteropServices;
using System.Text;

namespace Starling.Messaging.Tests.NodeIpc;

/// <summary>Starts a program that gets exactly the descriptors it is given, from 0 on.</summary>
internal static unsafe partial class PosixSpawn
{
    private const int FileActionsBytes = 512;
    private const int FirstSpare = 200;

    public static int Start(string program, string[] arguments, IReadOnlyDictionary<string, string> environment, SafeHandle?[] descriptors)
    {
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(entry => !environment.ContainsKey((string)entry.Key)).Select(static entry => $"{entry.Key}={entry.Value}")
            .Concat(environment.Select(static entry => $"{entry.Key}={entry.Value}"));
        var actions = stackalloc byte[FileActionsBytes];
        Check(InitializeActions(actions));
        for (var i = 0; i < descriptors.Length; i++)
        {
            if (descriptors[i] is { } descriptor)
            {
                Check(AddDuplicate(actions, (int)descriptor.DangerousGetHandle(), FirstSpare + i));
            }
        }

        for (var i = 0; i < descriptors.Length; i++)
        {
            if (descriptors[i] is not null)
            {
                Check(AddDuplicate(actions, FirstSpare + i, i));
                Check(AddClose(actions, FirstSpare + i));
            }
        }

        var argv = Strings([program, .. arguments]);
        var envp = Strings(variables);
        try
        {
            Check(Spawn(out var id, program, actions, null, argv, envp));
            return id;
        }
        finally
        {
            Free(argv);
            Free(envp);
            Check(DestroyActions(actions));
            GC.KeepAlive(descriptors);
        }
    }

    /// <summary>Waits for the end of a child, on a thread of its own, and returns its exit code, or 128 and its signal.</summary>
    public static Task<int> WaitAsync(int id) => Task.Factory.StartNew(
        () =>
        {
            int status;
            while (WaitPid(id, &status, 0) < 0)
            {
                Assert.Equal(4, Marshal.GetLastPInvokeError());
            }

            return (status & 0x7F) == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F);
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Kill(int id, int signal);

    private static void Check(int error) =>
        Assert.True(error == 0, $"posix_spawn: {Marshal.GetPInvokeErrorMessage(error)}");

    private static byte** Strings(IEnumerable<string> strings)
    {
        var list = strings.ToArray();
        var pointers = (byte**)NativeMemory.AllocZeroed((nuint)(list.Length + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < list.Length; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(list[i]);
            pointers[i] = (byte*)NativeMemory.AllocZeroed((nuint)bytes.Length + 1);
            bytes.CopyTo(new Span<byte>(pointers[i], bytes.Length));
        }

        return pointers;
    }

    private static void Free(byte** strings)
    {
        for (var i = 0; strings[i] is not null; i++)
        {
            NativeMemory.Free(strings[i]);
        }

        NativeMemory.Free(strings);
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int InitializeActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int AddDuplicate(byte* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclose")]
    private static partial int AddClose(byte* actions, int descriptor);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int DestroyActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawnp", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Spawn(out int id, string program, byte* actions, void* attributes, byte** argv, byte** envp);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitPid(int id, int* status, int options);
}
