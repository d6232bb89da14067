using BenchmarkDotNet.Running;
using CoEdit.MicroBench;

BenchmarkSwitcher.FromAssembly(typeof(Samples).Assembly).Run(args);
